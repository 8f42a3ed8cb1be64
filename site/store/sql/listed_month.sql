select id, file, hash, type, status, shows, permalink, written, label, named
from listed where month = :month and published between :since and :now
order by published desc, permalink desc limit 0 + :limit
