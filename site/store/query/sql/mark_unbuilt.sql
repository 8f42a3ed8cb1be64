update notes set
  built_hash = null, built_permalink = null, built_published = null,
  built_lists = null, built_outputs = null, built = null, built_warnings = null, live = 0, beside = 0,
  todo = case when rev = :rev and not :future then 0 else todo end
where id = :id
