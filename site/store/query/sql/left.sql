select (select count(*) from notes where todo > 0 and (published <= :now or built_outputs is not null or gone = 1)),
  (select count(*) from lists where stale = 1)
