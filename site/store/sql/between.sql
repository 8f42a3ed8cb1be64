-- A note that has no page, and gets none by what is left to do, is no neighbour:
-- it cannot be read.
select id, file, hash, type, status, shows, permalink, written, label, named
from notes
where shows = 2 and shadowed = 0 and published between :from and :to and published <= :now
  and (todo > 0 and problem = '' or built_permalink is permalink)
order by published, permalink limit 0 + :limit
