with recursive a (address) as (
  select min(address) from tags
  union all
  select (select min(address) from tags where address > a.address) from a where a.address is not null
)
select a.address, (
  select t.spelled from tags t join listed n on n.id = t.note
  where t.address = a.address and t.published <= :now
  order by t.published, t.permalink limit 1) as spelled
from a where a.address is not null and spelled is not null
