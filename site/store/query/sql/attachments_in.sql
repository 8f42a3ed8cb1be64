select file, size, mtime, ctime, inode from attachments where dir = :dir
