select * from listed where type = :type and published <= :now and problem = ''
order by published desc, permalink desc limit :limit
