select n.file
from (select id as note, 0 as redirects from notes where permalink = :address
	union all select note, 1 from aliases where address = :address) a
join notes n on n.id = a.note
where n.gone = 0
order by a.redirects, n.status = 'deleted', n.shows = 0, n.shadowed, n.kind = 'note', n.file limit 0 + :limit
