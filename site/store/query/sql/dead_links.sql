select n.file, l.line, l.link from places p
cross join own_links l on l.place = p.place and l.fragment = p.fragment
join notes n on n.id = l.note
where p.state = 1 and n.built_hash is n.hash and n.problem = '' and n.gone = 0
