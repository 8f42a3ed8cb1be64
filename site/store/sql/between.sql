select id, file, hash, type, status, shows, permalink, written, label, named
from notes
where shows = 2 and shadowed = 0 and published between :from and :to and published <= :now
order by published, permalink limit 0 + :limit
