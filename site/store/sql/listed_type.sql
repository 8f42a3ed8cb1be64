-- The year is that of the date as written, so its notes lie within a day of it in time.
select permalink, written, type, status, label, named
from listed
where type = :type and (published, permalink) >= (:since, :permalink) and published <= :until and +month >= :year and +month < :year || '~'
order by published desc, permalink desc limit 0 + :limit
