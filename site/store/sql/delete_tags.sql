delete from tags where note = (select id from notes where file = :file)
