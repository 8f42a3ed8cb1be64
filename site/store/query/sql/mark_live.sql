update notes set live = 1 where id = :id and rev = :rev
