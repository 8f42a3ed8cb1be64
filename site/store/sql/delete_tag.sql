delete from tags where address = :address and published = :published and permalink = :permalink and note = :note
