select address, outputs, parts, tail, tail_permalink, since, since_permalink, redirect from lists where stale = 1 order by address
