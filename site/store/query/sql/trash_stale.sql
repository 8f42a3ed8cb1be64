-- A deleted note has a mark at its address only while no other note has the address.
update notes set todo = max(todo, 2), rev = (select value from state where key = 'rev')
where permalink = :permalink and status = 'deleted' and gone = 0 and file <> :file
