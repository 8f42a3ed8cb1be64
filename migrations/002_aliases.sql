-- Where notes can be reached beside their permalinks.
create table aliases (
  address text    not null,                   -- "/2026/11/old-name/"
  note    integer not null references notes (id),
  primary key (address, note)
) strict, without rowid;

create index aliases_note on aliases (note);

-- They stand in the files: every file is read again by the next scan.
update notes set settled = 0, rev = rev + 1;
