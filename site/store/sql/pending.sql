select * from notes
where todo > 0 and (published <= :now or built_outputs is not null or gone = 1)
order by todo desc, published desc limit 0 + :limit
