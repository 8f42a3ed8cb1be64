insert or ignore into aliases (address, note) values (:address, :note)
