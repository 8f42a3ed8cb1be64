select max(year) from tags where address = :tag and year < :before
