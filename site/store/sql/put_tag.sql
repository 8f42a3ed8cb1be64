insert or replace into tags (address, published, permalink, note, year, spelled, written, type, status, label, named)
values (:address, :published, :permalink, :note, :year, :spelled, :written, :type, :status, :label, :named)
