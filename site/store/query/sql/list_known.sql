select 1 from lists where address = :address
