select min(due) from (
  select min(published) as due from notes where todo > 0 and published > :now and shows > 0
  union all
  select min(turns) from notes where turns > 0 and turns > 0 + :now
)
