update notes set todo = max(todo, 2), rev = rev + 1 where id = :id
