select substr(max(month), 1, 4) from listed where type = :type and month < :before
