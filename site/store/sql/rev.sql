select rev from notes where file = :file
