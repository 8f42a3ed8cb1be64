delete from tags where address = :address
