select t.spelled from tags t join listed n on n.id = t.note
where t.address = :tag and t.published <= :now
order by t.published, t.permalink limit 1
