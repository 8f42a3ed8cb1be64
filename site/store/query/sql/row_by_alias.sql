select n.* from aliases a join notes n on n.id = a.note
where a.address = :address and n.gone = 0
order by n.status = 'deleted', n.shows = 0 or n.shadowed or n.published > :now, n.file limit 1
