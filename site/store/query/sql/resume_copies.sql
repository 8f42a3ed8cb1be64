update copies set size = -1 where built > :safe
