-- Each step finds the next folder in the index, also if a folder has many notes.
with recursive d (dir) as (
  select min(dir) from notes where gone = 0 and dir >= :dir and dir < :end
  union all
  select (select min(dir) from notes where gone = 0 and dir > d.dir and dir < :end) from d where d.dir is not null
)
select dir from d
where dir is not null and (dir = :dir or :dir = '' or dir > :dir || '/')
