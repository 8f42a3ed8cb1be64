update lists set stale = 1, since = :since, since_permalink = :permalink
where address = :address and (stale = 0 or (since, since_permalink) > (:since, :permalink))
