update lists set stale = 1, since = null where address >= :below and address < :end
