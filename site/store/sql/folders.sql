select distinct dir from notes
where dir >= :dir and dir < :end and (dir = :dir or :dir = '' or dir > :dir || '/')
