select * from notes
where kind = 'note' and status = 'draft' and shadowed = 0 and gone = 0 and problem = ''
  and (published, permalink) > (:published, :permalink)
  and (:type = '' or type = :type)
  and (:filter = '' or instr(lower(label), lower(:filter)) > 0 or instr(lower(tags), lower(:filter)) > 0)
order by published asc, permalink asc limit :limit offset :offset
