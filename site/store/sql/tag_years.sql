-- The year is that of the date as written, so its notes lie within a day of it in
-- time; and of two notes within two days the older may be of the later year.
with bound (until) as (select coalesce(unixepoch(:before || '-01-02'), 9223372036854775807)),
newest (published) as (
  select published from tags where address = :of and year < :before and published < (select until from bound)
  order by published desc limit 1)
select max(year) from tags
where address = :of and year < :before
  and published < (select until from bound) and published >= (select published from newest) - 172800
