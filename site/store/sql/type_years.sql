with recursive y (year) as (
  select substr(max(month), 1, 4) from listed where type = :type
  union all
  select (select substr(max(month), 1, 4) from listed where type = :type and month < y.year)
  from y where y.year is not null
)
select year from y where year is not null
