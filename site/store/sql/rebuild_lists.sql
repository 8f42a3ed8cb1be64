update lists set stale = 1
