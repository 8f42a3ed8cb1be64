update lists set stale = 1, since = null where built is null or built > :safe
