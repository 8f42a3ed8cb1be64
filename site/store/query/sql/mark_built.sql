update notes set
  built_hash = :hash, built_permalink = :permalink, built_published = :published,
  built_lists = :lists, built_outputs = :outputs, built = :number, live = 0, beside = coalesce(:beside, beside),
  todo = case when rev = :rev then 0 else todo end
where id = :id
