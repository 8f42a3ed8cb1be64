select * from notes
where kind = 'note' and status <> 'deleted' and shadowed = 0 and gone = 0 and problem = ''
  and (published, permalink) > (:published, :permalink)
  and (:hidden or (status in ('public', 'unlisted') and published <= :now)) and (:drafts or status <> 'draft')
order by published asc, permalink asc limit 0 + :limit offset :offset
