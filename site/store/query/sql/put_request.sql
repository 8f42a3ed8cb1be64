insert into requests (digest, file, permalink, hash, at) values (:digest, :file, :permalink, :hash, :at)
on conflict (digest) do update set
  file = excluded.file, permalink = excluded.permalink, hash = excluded.hash, at = excluded.at
