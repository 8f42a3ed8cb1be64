-- Each step finds the next older year by the index, however many notes a year has.
with recursive y (year) as (
  select substr(max(month), 1, 4) from notes where shows = 2 and shadowed = 0
  union all
  select (select substr(max(month), 1, 4) from notes where shows = 2 and shadowed = 0 and month < y.year)
  from y where y.year is not null
)
select year from y
where year is not null and exists (
  select 1 from listed where month > y.year and month < y.year || '~' and published <= :now)
