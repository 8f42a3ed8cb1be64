-- The year is that of the date as written, so its notes lie within a day of it in time.
select n.id, n.file, n.hash, n.type, n.status, n.shows, n.permalink, n.written, n.label, n.named
from tags t join listed n on n.id = t.note
where t.address = :tag and t.published between :since and :until and +t.year >= :year and +t.year < :year || '~'
order by t.published desc, t.permalink desc limit 0 + :limit
