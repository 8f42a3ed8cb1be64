select a.value from json_each(:targets) as a where exists (select 1 from links where target = a.value)
