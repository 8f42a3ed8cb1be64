select * from listed
where type = :type and published <= :now and (:from = '' or (month > :from and month < :to))
order by published desc, permalink desc limit :limit
