update notes set gone = 1, problem = '', turns = 0, turned = 0, shows = 0, shadowed = 0, rev = (select value from state where key = 'rev'), todo = max(todo, :todo), size = -1
where id = :id
