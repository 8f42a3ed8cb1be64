select id, file, rev, hash, coalesce(permalink, ''), written, type, status, label, named, tags, beside, todo,
  shows = 2 and shadowed = 0, shows = 2 and shadowed = 0 and built_permalink is permalink, built_outputs is not null, problem <> '', gone
from notes
where todo > 0 or shows = 2 and shadowed = 0 and built_permalink = permalink
