insert into lists (address, stale, label, outputs, parts, tail, shared, built)
values (:address, 0, :label, :outputs, :parts, :tail, :shared, :number)
on conflict (address) do update set
  stale = 0, label = excluded.label, outputs = excluded.outputs, parts = excluded.parts, tail = excluded.tail,
  shared = excluded.shared, since = null, built = excluded.built
