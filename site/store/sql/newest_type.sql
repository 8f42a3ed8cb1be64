select id, file, hash, type, status, shows, permalink, written, label, named
from listed where type = :type and published <= :now and problem = ''
order by published desc, permalink desc limit 0 + :limit
