select max(year) from tags where address = :of and year < :before
