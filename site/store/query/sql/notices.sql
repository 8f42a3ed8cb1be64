select notice.value from notes indexed by notes_notices join json_each(notes.notices) as notice
where notes.notices <> '' and gone = 0 and status <> 'deleted'
order by file, notice.key
