update places set state = :state where place = :place and fragment = :fragment
