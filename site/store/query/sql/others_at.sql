select file from notes where permalink = :permalink and gone = 0 and file <> :file
