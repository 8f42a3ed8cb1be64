update lists set stale = 1 where address = :address
