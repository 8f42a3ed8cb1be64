select 1 from list_warnings limit 1
