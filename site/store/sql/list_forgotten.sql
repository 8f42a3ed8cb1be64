-- Without a label it is new to the list that names it, which is written again then.
update lists set label = '', stale = 1, since = null where address = :address
