delete from list_warnings where address = :address
