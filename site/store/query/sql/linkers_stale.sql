update notes set todo = max(todo, 2), rev = (select value from state where key = 'rev')
where id in (select note from links where target = :target and (seen < :seen or seen > :seen))
