select id, file, rev, hash, kind, type, status, shows, permalink, written, label, named
from listed where month = :month and published <= :now
order by published desc, permalink desc limit 0 + :limit
