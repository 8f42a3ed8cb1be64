select n.permalink, 'content/' || n.file from json_each(:permalinks) as a cross join notes n on n.permalink = a.value
where n.gone = 0 and n.kind <> 'home' and n.shows > 0 and n.shadowed = 0 and n.published <= :now
