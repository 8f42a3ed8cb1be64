select substr(max(month), 1, 4) from listed where type = :of and month < :before
