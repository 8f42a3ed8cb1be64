update notes set todo = max(todo, 2), rev = (select value from state where key = 'rev') where permalink = :permalink
