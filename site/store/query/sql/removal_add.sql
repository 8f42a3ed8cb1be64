insert into removals (output) values (:output) on conflict (output) do update set built = null
