-- Each step finds the next older month by the index, however many notes a month has.
with recursive m (month) as (
  select max(month) from listed where month >= :year and month < :year || '~'
  union all
  select (select max(month) from listed where month >= :year and month < m.month)
  from m where m.month is not null
)
select month from m where month is not null
