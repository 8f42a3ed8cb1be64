select n.* from tags t join listed n on n.id = t.note
where t.address = :tag and (:year = '' or t.year = :year) and t.published <= :now
order by t.published desc, t.permalink desc limit :limit
