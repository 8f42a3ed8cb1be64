delete from own_links where note = :id
