-- As of the years of a tag.
with bound (until) as (select coalesce(unixepoch(:before || '-01-02'), 9223372036854775807)),
newest (published) as (
  select published from listed where type = :of and month < :before and published < (select until from bound)
  order by published desc limit 1)
select substr(max(month), 1, 4) from listed
where type = :of and month < :before
  and published < (select until from bound) and published >= (select published from newest) - 172800
