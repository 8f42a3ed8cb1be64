delete from aliases where note = (select id from notes where file = :file)
