update lists set stale = 1, since = null where address = :address and parts >= :part
