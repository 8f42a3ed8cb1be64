select 1 from lists where address = :address and stale = 1 and since is null
