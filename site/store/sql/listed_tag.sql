-- The year is that of the date as written, so its notes lie within a day of it in time.
select permalink, written, type, status, label, named
from tags
where address = :tag and (published, permalink) >= (:since, :permalink) and published <= :until and +year >= :year and +year < :year || '~'
order by published desc, permalink desc limit 0 + :limit
