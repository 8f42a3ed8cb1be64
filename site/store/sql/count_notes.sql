-- The number of files with notes, deleted ones aside, as far as :limit.
select count(*) from (select 1 from notes where gone = 0 and status <> 'deleted' limit 0 + :limit)
