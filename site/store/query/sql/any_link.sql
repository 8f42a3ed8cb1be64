select 1 from links limit 1
