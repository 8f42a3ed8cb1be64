select 1 where exists (select 1 from notes where todo > 0 and (published <= :now or built_outputs is not null or gone = 1))
  or exists (select 1 from lists where stale = 1)
  or exists (select 1 from removals where built is null)
  or exists (select 1 from uploads)
