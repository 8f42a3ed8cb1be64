-- What a list shows of its notes is in the index by which it finds them: a row
-- is fetched from another place for each of them otherwise, which is most of
-- what a list costs.
drop index notes_month;
drop index notes_type;
create index notes_month on notes (month, published, permalink, written, type, status, label, named)
  where shows = 2 and shadowed = 0 and built_permalink = permalink;
create index notes_type on notes (type, published, permalink, written, month, status, label, named)
  where shows = 2 and shadowed = 0 and built_permalink = permalink;

-- So it is in the table of tags, as the note's page has it.
alter table tags rename to old_tags;
create table tags (
  address   text    not null,                 -- path element: "site-news"
  published integer not null,
  permalink text    not null,
  note      integer not null references notes (id),
  year      text    not null,
  spelled   text    not null,
  written   text    not null,                 -- this and the rest is what notes has
  type      text    not null,
  status    text    not null,
  label     text    not null,
  named     integer not null,
  primary key (address, published, permalink, note)
) strict, without rowid;
insert into tags
  select t.*, n.written, n.type, n.status, n.label, n.named from old_tags t join notes n on n.id = t.note;
drop table old_tags;
create index tags_year on tags (address, year);
create index tags_note on tags (note);
