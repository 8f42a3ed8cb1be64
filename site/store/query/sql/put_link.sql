insert into links (note, target, seen) values (:id, :target, :seen)
