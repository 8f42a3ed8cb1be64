delete from notes where file = :file and built_outputs is null
