with recursive y (year) as (
  select max(year) from tags where address = :tag
  union all
  select (select max(year) from tags where address = :tag and year < y.year) from y where y.year is not null
)
select year from y where year is not null
