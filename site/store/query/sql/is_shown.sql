select 1 from links where target = :source limit 1
