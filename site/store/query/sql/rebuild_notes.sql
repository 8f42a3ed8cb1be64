-- Files are read again: their meaning depends on the configuration and the program.
update notes set todo = max(todo, 2), rev = (select value from state where key = 'rev'), settled = 0 where id > :from and id <= :to
