select address, label, outputs from lists where address >= :prefix and address < :end order by address
