insert into places (place, fragment, state) values (:place, :fragment, 2) on conflict do nothing
