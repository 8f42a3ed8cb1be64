-- A deleted note leaves a mark at its address only while nobody else has it.
update notes set todo = max(todo, 2), rev = rev + 1
where permalink = :permalink and status = 'deleted' and gone = 0 and file <> :file
