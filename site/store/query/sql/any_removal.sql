select 1 from removals limit 1
