insert into tags (address, spelled) values (:address, :spelled) on conflict (address) do update set spelled = excluded.spelled
