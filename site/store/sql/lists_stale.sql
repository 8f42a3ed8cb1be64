select address, label, outputs, parts, tail, shared, since from lists where stale = 1 order by address limit 0 + :limit
