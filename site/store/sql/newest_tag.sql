select n.id, n.file, n.hash, n.type, n.status, n.shows, n.permalink, n.written, n.label, n.named
from tags t join listed n on n.id = t.note
where t.address = :tag and t.published <= :now and n.problem = ''
order by t.published desc, t.permalink desc limit 0 + :limit
