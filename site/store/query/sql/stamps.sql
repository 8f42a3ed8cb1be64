select file, size, mtime, ctime, inode, settled, rev from notes where dir = :dir and gone = 0
order by file
