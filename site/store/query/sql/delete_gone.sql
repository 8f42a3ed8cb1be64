delete from notes where id = :id and rev = :rev and gone = 1
