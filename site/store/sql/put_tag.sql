insert into tags (address, published, permalink, note, year, spelled)
values (:address, :published, :permalink, :note, :year, :spelled)
