select id, file, rev, hash, kind, type, status, shows, permalink, written, label, named
from notes
where shows = 2 and shadowed = 0 and (published, permalink) > (:published, :permalink) and published <= :now
order by published, permalink limit 1
