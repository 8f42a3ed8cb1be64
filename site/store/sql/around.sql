select * from (
  select id, file, hash, type, status, shows, permalink, written, label, named, 0 as later
  from notes
  where shows = 2 and shadowed = 0 and (published, permalink) < (:published, :permalink) and published <= :now
  order by published desc, permalink desc limit 1)
union all
select * from (
  select id, file, hash, type, status, shows, permalink, written, label, named, 1
  from notes
  where shows = 2 and shadowed = 0 and (published, permalink) > (:published, :permalink) and published <= :now
  order by published, permalink limit 1)
