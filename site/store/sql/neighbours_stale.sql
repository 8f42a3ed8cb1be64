-- A note that has no page, and gets none by what is left to do, is no neighbour:
-- it cannot be read.
update notes set todo = 1
where todo = 0 and built_outputs is not null and built <> :number and id in (
  (select id from notes
   where shows = 2 and shadowed = 0 and (published, permalink) < (:published, :permalink) and published <= :now
     and (todo > 0 and problem = '' or built_permalink is permalink)
   order by published desc, permalink desc limit 1),
  (select id from notes
   where shows = 2 and shadowed = 0 and (published, permalink) > (:published, :permalink) and published <= :now
     and (todo > 0 and problem = '' or built_permalink is permalink)
   order by published, permalink limit 1))
