select substr(max(month), 1, 4) from listed where month < :before
