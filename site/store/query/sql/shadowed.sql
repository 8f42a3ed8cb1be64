select file, permalink from notes where shadowed = 1 and shows > 0
