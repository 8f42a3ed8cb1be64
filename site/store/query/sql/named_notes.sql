select file, permalink from notes
where name >= :from and name < :to and shows > 0 and shadowed = 0 and published <= :now
  and (problem = '' or built_permalink is permalink)
limit 0 + :limit
