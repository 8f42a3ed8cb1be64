insert into notes (id, file, dir, name, rev, size, mtime, ctime, inode, settled, hash, problem,
                   notices, kind, type, status, shows, permalink, published, written, label, named, tags, turns, turned, words, todo)
values (:id, :file, :dir, :name, (select value from state where key = 'rev'), :size, :mtime, :ctime, :inode, :settled, :hash, :problem,
        :notices, :kind, :type, :status, :shows, :permalink, :published, :written, :label, :named, :tags, :turns, :turned, :words, :todo)
on conflict (id) do update set
  rev = (select value from state where key = 'rev'),
  size = excluded.size, mtime = excluded.mtime, ctime = excluded.ctime, inode = excluded.inode,
  settled = excluded.settled, hash = excluded.hash, problem = '', notices = excluded.notices, gone = 0,
  kind = excluded.kind, type = excluded.type, status = excluded.status, shows = excluded.shows,
  permalink = excluded.permalink, published = excluded.published, written = excluded.written,
  label = excluded.label, named = excluded.named, tags = excluded.tags, turns = excluded.turns,
  turned = excluded.turned,
  words = excluded.words,
  live = case when hash is excluded.hash then live else 0 end,
  todo = case when hash is excluded.hash and gone = 0 and problem = '' and shows = excluded.shows
                and permalink is excluded.permalink and published = excluded.published
              then todo else max(todo, :todo) end
