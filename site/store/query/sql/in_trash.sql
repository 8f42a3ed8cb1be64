select 1 from notes where permalink = :permalink and gone = 0 and status = 'deleted' limit 1
