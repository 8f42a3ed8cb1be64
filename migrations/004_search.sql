-- What a search for a word reads is all in one index: it looks at every note, and
-- must not fetch each row for that.
drop index notes_source;
create index notes_source on notes (published, permalink, type, status, label, tags)
  where kind = 'note' and status <> 'deleted' and shadowed = 0 and gone = 0 and problem = '';
