update lists set stale = 1, since = null
