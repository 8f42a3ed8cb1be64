select file, size, mtime, ctime, inode, settled from notes where dir = :dir and gone = 0
