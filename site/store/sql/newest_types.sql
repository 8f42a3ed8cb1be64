-- By the index of time, no further than a number of notes: a row is fetched for each.
select id, file, hash, type, status, shows, permalink, written, label, named
from listed
where published <= :now and problem = '' and +type in (select a.value from json_each(:types) as a)
  and published >= coalesce((
    select published from notes
    where shows = 2 and shadowed = 0 and published <= :now
    order by published desc, permalink desc limit 1 offset 0 + :look), -9223372036854775808)
order by published desc, permalink desc limit 0 + :limit
