update lists set stale = 1 where address >= :below and address < :end
