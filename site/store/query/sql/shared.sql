select 1 from notes where permalink = :permalink and file <> :file limit 1
