select 1 from notes
where todo = 3 and (published <= :now or built_outputs is not null or gone = 1)
limit 1
