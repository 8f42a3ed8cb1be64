select rev from notes where dir = :dir and file = :file
