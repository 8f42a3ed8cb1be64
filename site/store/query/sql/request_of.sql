select 1 from requests where file = :file limit 1
