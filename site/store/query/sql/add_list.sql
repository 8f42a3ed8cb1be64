insert into lists (address, stale) values (:address, 1) on conflict do nothing
