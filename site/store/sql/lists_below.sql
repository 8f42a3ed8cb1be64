select address, label, outputs, parts, tail, shared, since from lists where address >= :prefix and address < :end order by address
