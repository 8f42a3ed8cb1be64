select permalink from listed where month = :month and published <= :now
order by published desc, permalink desc
