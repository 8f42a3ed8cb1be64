select min(published) from notes
where kind = 'note' and status <> 'deleted' and shadowed = 0 and gone = 0 and problem = '' and published > :now and shows = 2
