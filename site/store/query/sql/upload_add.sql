insert into uploads (source) values (:source) on conflict do nothing
