-- What a scan compares with the files is all in one index: rows are eight times as
-- long.
drop index notes_dir;
create index notes_dir on notes (dir, file, size, mtime, ctime, inode, settled, rev) where gone = 0;
