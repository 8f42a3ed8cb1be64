-- The number of files with notes, without deleted notes, at most :limit.
select count(*) from (select 1 from notes where gone = 0 and status <> 'deleted' limit 0 + :limit)
