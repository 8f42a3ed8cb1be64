select 1 from own_links limit 1
