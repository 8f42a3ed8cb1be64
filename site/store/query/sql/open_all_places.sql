update places set state = 2 where state <> 2
