select spelled from tags where address = :tag order by published, permalink limit 1
