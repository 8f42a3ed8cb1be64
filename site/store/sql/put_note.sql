insert into notes (file, dir, name, rev, size, mtime, ctime, inode, settled, hash, problem,
                   notices, kind, type, status, shows, permalink, published, written, month, label, named, tags, turns, words, todo)
values (:file, :dir, :name, 1, :size, :mtime, :ctime, :inode, :settled, :hash, :problem,
        :notices, :kind, :type, :status, :shows, :permalink, :published, :written, :month, :label, :named, :tags, :turns, :words, :todo)
on conflict (file) do update set
  rev = rev + 1,
  size = excluded.size, mtime = excluded.mtime, ctime = excluded.ctime, inode = excluded.inode,
  settled = excluded.settled, hash = excluded.hash, problem = '', notices = excluded.notices, gone = 0,
  kind = excluded.kind, type = excluded.type, status = excluded.status, shows = excluded.shows,
  permalink = excluded.permalink, published = excluded.published, written = excluded.written,
  month = excluded.month, label = excluded.label, named = excluded.named, tags = excluded.tags, turns = excluded.turns,
  words = excluded.words,
  live = case when hash is excluded.hash then live else 0 end,
  todo = case when hash is excluded.hash and gone = 0 and problem = '' and shows = excluded.shows
                and permalink is excluded.permalink and published = excluded.published
              then todo else max(todo, :todo) end
