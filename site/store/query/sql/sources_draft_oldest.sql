select * from notes
where kind = 'note' and status = 'draft' and shadowed = 0 and gone = 0 and problem = ''
  and (published, permalink) > (:published, :permalink)
  and (:type = '' or type = :type)
order by published asc, permalink asc limit 0 + :limit offset :offset
