-- Each step finds the next type by the index, however many notes a type has.
with recursive k (type) as (
  select min(type) from listed
  union all
  select (select min(type) from listed where type > k.type)
  from k where k.type is not null
)
select type from k where type is not null
