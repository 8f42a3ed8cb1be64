insert into copies (source, output, size, mtime, ctime, inode, built)
values (:source, :output, :size, :mtime, :ctime, :inode, :number)
on conflict (source) do update set
  output = excluded.output, size = excluded.size, mtime = excluded.mtime, ctime = excluded.ctime,
  inode = excluded.inode, built = excluded.built
