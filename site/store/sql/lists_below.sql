select address, label, outputs, parts, tail, tail_permalink, since, since_permalink, redirect from lists where address >= :prefix and address < :end order by address
