select file, size, mtime, ctime, inode from attachments
where name >= :from and name < :to
limit 0 + :limit
