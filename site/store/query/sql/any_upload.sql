select 1 from uploads limit 1
