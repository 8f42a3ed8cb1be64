select * from notes
where kind = 'note' and status <> 'deleted' and shadowed = 0 and gone = 0 and problem = ''
  and type = :type
  and (published, permalink) < (:published, :permalink)
  and (:hidden or (status in ('public', 'unlisted') and published <= :now)) and (:drafts or status <> 'draft')
order by published desc, permalink desc limit 0 + :limit offset :offset
