insert into lists (address, stale) values (:address, 1) on conflict (address) do update set stale = 1, since = null
