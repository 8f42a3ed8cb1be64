-- What lists need to know of notes that have their pages they find in an index,
-- without a look at each row: which years, months and types there are, and what
-- stands at which address.
drop index notes_month;
drop index notes_type;
drop index notes_type_month;
create index notes_month on notes (month, published, permalink)
  where shows = 2 and shadowed = 0 and built_permalink = permalink;
create index notes_type on notes (type, published, permalink)
  where shows = 2 and shadowed = 0 and built_permalink = permalink;
create index notes_type_month on notes (type, month, published)
  where shows = 2 and shadowed = 0 and built_permalink = permalink;

-- Most rows of a first build were never built.
drop index notes_built;
drop index notes_built_permalink;
create index notes_built on notes (built) where built is not null;
create index notes_built_permalink on notes (built_permalink) where built_permalink is not null;

-- A tag has a row only for a note that has its page, and lists that link to it.
delete from tags where note not in (select id from listed);
