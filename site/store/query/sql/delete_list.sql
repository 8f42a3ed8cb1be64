delete from lists where address = :address
