with recursive a (address) as (
  select min(address) from tags
  union all
  select (select min(address) from tags where address > a.address) from a where a.address is not null
)
select a.address, (select spelled from tags where address = a.address order by published, permalink limit 1)
from a where a.address is not null
