-- The pages to which no list links: a plan does not have them.
update notes set todo = max(todo, 2), rev = (select value from state where key = 'rev')
where id > :from and id <= :to and built_outputs is not null and not (shows = 2 and shadowed = 0 and built_permalink is permalink)
