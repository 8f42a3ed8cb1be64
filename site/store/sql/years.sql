-- Each step finds the next older year by the index, however many notes a year has.
with recursive y (year) as (
  select substr(max(month), 1, 4) from listed
  union all
  select (select substr(max(month), 1, 4) from listed where month < y.year)
  from y where y.year is not null
)
select year from y where year is not null
