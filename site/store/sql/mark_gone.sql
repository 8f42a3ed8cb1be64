update notes set gone = 1, problem = '', turns = 0, shows = 0, shadowed = 0, rev = rev + 1, todo = max(todo, :todo), size = -1
where file = :file
