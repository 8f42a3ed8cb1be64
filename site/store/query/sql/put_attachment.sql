insert into attachments (file, dir, name, size, mtime, ctime, inode)
values (:file, :dir, :name, :size, :mtime, :ctime, :inode)
on conflict (file) do update set
  size = excluded.size, mtime = excluded.mtime, ctime = excluded.ctime, inode = excluded.inode
