select address, spelled from tags order by address
