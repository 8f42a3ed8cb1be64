insert into lists (address, stale, label, outputs, built) values (:address, 0, :label, :outputs, :number)
on conflict (address) do update set
  stale = 0, label = excluded.label, outputs = excluded.outputs, built = excluded.built
