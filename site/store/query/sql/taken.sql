select 1 from notes where permalink = :permalink and gone = 0 and file <> :file
union all
select 1 from aliases a join notes n on n.id = a.note where a.address = :permalink and n.gone = 0 and n.file <> :file
limit 1
