update notes set todo = max(todo, 2), rev = (select value from state where key = 'rev')
where id in (select note from links where target >= 'media/' and target < 'media0' or target >= 'static/' and target < 'static0')
