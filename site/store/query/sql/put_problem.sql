insert into notes (id, file, dir, name, rev, size, mtime, ctime, inode, settled, hash, problem,
                   kind, type, status, shows, permalink, published, written, label, named, tags, turns, turned, todo)
values (:id, :file, :dir, :name, (select value from state where key = 'rev'), :size, :mtime, :ctime, :inode, :settled, :hash, :problem,
        'note', '', '', 0, null, 0, '', '', 0, '[]', :turns, :turned, 0)
on conflict (id) do update set
  rev = case when hash is not excluded.hash or gone = 1 then (select value from state where key = 'rev') else rev end,
  size = excluded.size, mtime = excluded.mtime, ctime = excluded.ctime, inode = excluded.inode,
  settled = excluded.settled, hash = excluded.hash, problem = excluded.problem, notices = '', turns = excluded.turns, turned = excluded.turned, gone = 0,
  -- A note that never had a page gets none, and takes no address from others.
  shows = case when :withheld or built is null then 0 else shows end,
  todo = case when hash is not excluded.hash or gone = 1 then max(todo, :todo) else todo end
