-- Each step finds the next type by the index, however many notes a type has.
with recursive k (type) as (
  select min(type) from notes where shows = 2 and shadowed = 0
  union all
  select (select min(type) from notes where shows = 2 and shadowed = 0 and type > k.type)
  from k where k.type is not null
)
select type from k
where type is not null and exists (select 1 from listed where listed.type = k.type and published <= :now)
