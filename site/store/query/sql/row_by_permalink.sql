select * from notes where permalink = :permalink and gone = 0
order by status = 'deleted', shows = 0, shadowed, kind = 'note', file limit 1
