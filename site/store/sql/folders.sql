select distinct dir from notes
where gone = 0 and (:dir = '' or dir = :dir or (dir > :dir || '/' and dir < :dir || '0'))
