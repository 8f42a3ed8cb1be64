select output, size, mtime, ctime, inode from copies where source = :source
