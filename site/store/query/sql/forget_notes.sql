update notes set
  built_hash = null, built_permalink = null, built_published = null,
  built_lists = null, built_outputs = null, built = null, built_warnings = null, live = 0, todo = max(todo, 2), rev = (select value from state where key = 'rev')
where id > :from and id <= :to
