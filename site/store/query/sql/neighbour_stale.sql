update notes set todo = 1 where id = :id and todo = 0 and built_outputs is not null
