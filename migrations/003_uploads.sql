-- Uploads that the receiver kept and that are not in the output yet.
create table uploads (
  source text not null primary key            -- relative to the site: "media/3f/3f9a….jpg"
) strict, without rowid;

-- What is in the output, newest first.
create index copies_media on copies (mtime, source) where source >= 'media/' and source < 'media0';

-- Requests that made a note a moment ago, to know them again when they are sent
-- twice. A row is written before the note's file: without the file, or with
-- another, it says nothing.
create table requests (
  digest    blob    not null primary key check (length(digest) = 32),
  file      text    not null,
  permalink text    not null,
  hash      blob    not null check (length(hash) = 32), -- of the file as it was made
  at        integer not null                  -- seconds since the Unix epoch
) strict, without rowid;

create index requests_at on requests (at);
