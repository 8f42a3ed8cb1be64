select * from notes where id = :id
