update notes set todo = max(todo, 2), rev = rev + 1
where id in (select note from links where target = :target and (seen < :seen or seen > :seen))
