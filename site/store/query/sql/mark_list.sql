insert into lists (address, stale, outputs, parts, tail, tail_permalink, built, redirect)
values (:address, 0, :outputs, :parts, :tail, :permalink, :number, :redirect)
on conflict (address) do update set
  stale = 0, outputs = excluded.outputs, parts = excluded.parts, tail = excluded.tail,
  tail_permalink = excluded.tail_permalink, since = null, built = excluded.built, redirect = excluded.redirect
