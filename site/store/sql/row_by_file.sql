select * from notes where file = :file
