select target from links where note = :id and target >= 'content/' and target < 'content0'
