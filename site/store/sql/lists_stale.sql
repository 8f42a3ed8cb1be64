select address, label, outputs from lists where stale = 1 order by address limit 0 + :limit
