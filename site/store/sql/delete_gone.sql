delete from notes where id = :id and gone = 1
