-- A deleted note leaves a mark at its address only while nobody else has it.
update notes set todo = max(todo, 2), rev = (select value from state where key = 'rev')
where permalink = :permalink and status = 'deleted' and gone = 0 and file <> :file
