insert into notes (file, dir, name, rev, size, mtime, ctime, inode, settled, hash, problem,
                   kind, type, status, shows, permalink, published, written, month, label, named, tags, turns, todo)
values (:file, :dir, :name, 1, :size, :mtime, :ctime, :inode, :settled, :hash, :problem,
        'note', '', '', 0, null, 0, '', '', '', 0, '[]', :turns, 0)
on conflict (file) do update set
  rev = rev + (hash is not excluded.hash),
  size = excluded.size, mtime = excluded.mtime, ctime = excluded.ctime, inode = excluded.inode,
  settled = excluded.settled, hash = excluded.hash, problem = excluded.problem, notices = '', turns = excluded.turns, gone = 0,
  shows = case when :withheld then 0 else shows end,
  todo = case when hash is not excluded.hash or gone = 1 then max(todo, :todo) else todo end
