insert into lists (address, stale)
select address, 1 from aliases where address = :address or address >= :below and address < :end
on conflict (address) do update set stale = 1
