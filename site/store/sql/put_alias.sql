insert or ignore into aliases (address, note) select :address, id from notes where file = :file
