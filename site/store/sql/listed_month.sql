select permalink, written, type, status, label, named
from listed where month = :month and (published, permalink) >= (:since, :permalink) and published <= :now
order by published desc, permalink desc limit 0 + :limit
