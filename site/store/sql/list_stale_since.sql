insert into lists (address, stale) values (:address, 1)
on conflict (address) do update set stale = 1, since = :since, since_permalink = :permalink
where stale = 0 or (since, since_permalink) > (:since, :permalink)
returning since is null
