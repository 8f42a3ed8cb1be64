select * from notes
where todo > 0 and (published <= :now or built_outputs is not null)
order by todo desc, published desc limit :limit
