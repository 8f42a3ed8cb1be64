select file from notes where gone = 0 limit 1
