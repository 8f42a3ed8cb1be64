insert into list_warnings (address, warnings) values (:address, :warnings)
on conflict (address) do update set warnings = excluded.warnings
