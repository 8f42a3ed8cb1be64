-- Each step finds the next older month by the index, however many notes a month has.
with recursive m (month) as (
  select max(month) from notes where shows = 2 and shadowed = 0 and month >= :year and month < :year || '~'
  union all
  select (select max(month) from notes where shows = 2 and shadowed = 0 and month >= :year and month < m.month)
  from m where m.month is not null
)
select month from m
where month is not null
  and exists (select 1 from listed where listed.month = m.month and published <= :now)
