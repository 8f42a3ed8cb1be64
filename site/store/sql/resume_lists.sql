update lists set stale = 1 where built is null or built > :safe
