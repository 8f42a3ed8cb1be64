insert into lists (address, stale) values (:address, 1)
on conflict (address) do update set
  stale = 1,
  since = case when stale = 0 or (since, since_permalink) > (:since, :permalink) then :since else since end,
  since_permalink = case when stale = 0 or (since, since_permalink) > (:since, :permalink) then :permalink else since_permalink end
