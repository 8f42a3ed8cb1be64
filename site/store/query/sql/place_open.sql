update places set state = 2 where place = :place and state <> 2
