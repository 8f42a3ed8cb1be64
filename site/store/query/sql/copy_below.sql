select source from copies where output >= :below and output < :end order by output limit 1
