-- What a search looks at, in small letters of every script: SQLite knows those of
-- ASCII, and to ask it for them was most of what a search cost.
alter table notes add column words text not null default '';
drop index notes_source;
create index notes_source on notes (published, permalink, type, status, words)
  where kind = 'note' and status <> 'deleted' and shadowed = 0 and gone = 0 and problem = '';

-- They stand in the files: every file is read again by the next scan.
update notes set settled = 0, rev = rev + 1;
