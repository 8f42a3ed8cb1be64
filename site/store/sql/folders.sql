-- Each step finds the next folder by the index, however many notes a folder has.
with recursive d (dir) as (
  select min(dir) from notes where gone = 0 and dir >= :dir and dir < :end
  union all
  select (select min(dir) from notes where gone = 0 and dir > d.dir and dir < :end) from d where d.dir is not null
)
select dir from d
where dir is not null and (dir = :dir or :dir = '' or dir > :dir || '/')
