delete from links where note = :id
