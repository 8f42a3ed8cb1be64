insert into tags (address, published, permalink, note, year, spelled)
select :address, :published, :permalink, id, :year, :spelled from notes where file = :file
