delete from tags where note = :note
