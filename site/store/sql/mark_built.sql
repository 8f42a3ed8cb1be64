update notes set
  built_hash = :hash, built_permalink = :permalink, built_published = :published, built_label = :label,
  built_lists = :lists, built_outputs = :outputs, built = :number, live = 0,
  todo = case when rev = :rev then 0 else todo end
where id = :id
