select id, file, rev, hash, coalesce(permalink, ''), written, type, status, label, named, tags, beside, todo,
  shows = 2 and shadowed = 0, shows = 2 and shadowed = 0 and built_permalink is permalink, built_outputs is not null, problem <> '', gone
from notes indexed by notes_todo
where todo > 0 and rev > :rev
order by rev
