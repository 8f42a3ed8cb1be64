delete from aliases where note = :note
