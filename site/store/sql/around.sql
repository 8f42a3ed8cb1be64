-- A note that has no page, and gets none by what is left to do, is no neighbour:
-- it cannot be read.
select * from (
  select id, file, hash, type, status, shows, permalink, written, label, named, 0 as later
  from notes
  where shows = 2 and shadowed = 0 and (published, permalink) < (:published, :permalink) and published <= :now
    and (todo > 0 and problem = '' or built_permalink is permalink)
  order by published desc, permalink desc limit 1)
union all
select * from (
  select id, file, hash, type, status, shows, permalink, written, label, named, 1
  from notes
  where shows = 2 and shadowed = 0 and (published, permalink) > (:published, :permalink) and published <= :now
    and (todo > 0 and problem = '' or built_permalink is permalink)
  order by published, permalink limit 1)
