-- Compared as bytes, which finds the same: SQLite would count characters, which takes longer.
-- Each note has the empty text.
select n.* from (
  select id, published, permalink from notes
  where kind = 'note' and status <> 'deleted' and shadowed = 0 and gone = 0 and problem = ''
    and (published, permalink) > (:published, :permalink)
    and (:hidden or (status in ('public', 'unlisted') and published <= :now))
    and (:status = '' or (status = 'draft') = (:status = 'draft')) and (:type = '' or type = :type)
    and instr(cast(words as blob), cast(:filter as blob)) > 0
  order by published asc, permalink asc limit 0 + :limit offset :offset
) m join notes n on n.id = m.id order by m.published asc, m.permalink asc
