select id, permalink from notes
where kind = 'note' and status <> 'deleted' and shadowed = 0 and gone = 0 and problem = '' and published > :now and built_outputs is not null
