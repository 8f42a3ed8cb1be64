-- The index of a site: the content of its files, and the outputs that were last built
-- from them. The whole index can be deleted and made again.
--
-- The SQL index of a query that reads many rows has all columns of its result:
-- fetching each row from its table would take most of the time. There are no further
-- SQL indexes, because each one is written for each note.

create table state (
  key   text not null primary key,
  value any  not null
) strict, without rowid;

insert into state values ('rev', 0);          -- grows with every change: see rev below

create table notes (
  id        integer primary key,
  file      text    not null,                 -- relative to content/, with slashes; no other row has it
  dir       text    not null,                 -- the folder of file, "" for content/ itself
  name      text    not null,                 -- the elements of file from the last to the first, in lower case, NFC: "hello/2026/notes/"
  rev       integer not null,                 -- of the last change of this row's source: state has the newest

  -- the file as last read
  size      integer not null,                 -- bytes
  mtime     integer not null,                 -- nanoseconds since the Unix epoch
  ctime     integer not null,                 -- likewise
  inode     integer not null,
  settled   integer not null,                 -- 0: read so soon after ctime that a later change could look the same
  hash      blob    not null check (length(hash) = 32), -- SHA-256 of the bytes; of a bundle, of its other files' names, sizes and times too
  problem   text    not null,                 -- "content/hello.md:2: …" if it can't be parsed, otherwise empty
  notices   text    not null default '',      -- JSON list of remarks about a file that can be parsed; empty: none

  -- the note as last parsed; the permalink is null if it was never parsed
  kind      text    not null,                 -- note, page, home
  type      text    not null,                 -- post type
  status    text    not null,                 -- public, unlisted, private, draft, deleted
  shows     integer not null,                 -- 0 no output, 1 a page, 2 a page that lists link to
  shadowed  integer not null default 0,       -- 1: another note with the same permalink takes precedence
  permalink text,
  published integer not null,                 -- seconds since the Unix epoch
  written   text    not null,                 -- the same in RFC 3339, with its offset
  label     text    not null,                 -- its text in lists
  named     integer not null,                 -- 1: label is its name
  tags      text    not null,                 -- JSON list, as spelled
  turns     integer not null default 0,       -- when shows changes by the clock alone, in seconds since the Unix epoch; 0: never
  turned    integer not null default 0,       -- when it did the last time; 0: never

  -- why it is stale: 0 it is not, 1 a neighbour changed, 2 it changed, 3 a client waits for it
  todo      integer not null,
  gone      integer not null default 0,       -- 1: the file does not exist; the row is deleted when the removal of its outputs is planned

  -- the built mark; null: never built
  built_hash      blob,
  built_permalink text,
  built_published integer,
  built_lists     text,                       -- JSON list of addresses
  built_outputs   text,                       -- JSON list of files below the output folder
  built           integer,                    -- number of the build
  built_warnings  text,                       -- JSON list: remarks about the page, each with file and line; null: none
  beside          integer not null default 0, -- hash of the links to the notes before and after it on its page
  live            integer not null default 0, -- 1: its lists were also written

  -- the text that a search reads, in lower case of every script: SQLite's own lower
  -- case has only ASCII, and was most of the cost of a search
  words     text    not null default ''
) strict;

create index notes_permalink on notes (permalink);
create index notes_todo on notes (rev) where todo > 0;
create index notes_waited on notes (rev) where todo = 3;
create index notes_shadowed on notes (permalink) where shadowed = 1;
create index notes_pages on notes (permalink) where kind = 'page';
create index notes_problem on notes (file) where problem <> '';
create index notes_turns on notes (turns) where turns > 0;
create index notes_turned on notes (turned) where turned > 0;
create index notes_notices on notes (file) where notices <> '';
create index notes_source_draft on notes (published, permalink)
  where kind = 'note' and status = 'draft' and shadowed = 0 and gone = 0 and problem = '';

-- The targets of links to a file, in every way of writing.
create index notes_name on notes (name) where shows > 0 and shadowed = 0;
create index notes_warned on notes (file) where built_warnings is not null;

-- Deleted files, by their content: a new file with the same content is probably the
-- same note, moved.
create index notes_gone on notes (hash) where gone = 1;

-- Addresses that a file system without case may confuse with others.
create index notes_case on notes (lower(permalink)) where permalink <> lower(permalink);

-- The columns that a search for a word or for a post type reads.
create index notes_source on notes (published, permalink, type, status, words)
  where kind = 'note' and status <> 'deleted' and shadowed = 0 and gone = 0 and problem = '';

-- The columns that a scan compares with the files. It also finds the row of a file.
create index notes_dir on notes (dir, file, size, mtime, ctime, inode, settled, rev, gone);

-- The few notes whose page is not at their permalink: they moved.
create index notes_built_permalink on notes (built_permalink) where built_permalink <> permalink;

-- The tags of notes that lists link to, for apps. They are recorded with the notes.
create table tags (
  address text not null primary key,          -- path element: "site-news"
  spelled text not null                       -- as its oldest note spells it
) strict, without rowid;

-- Further addresses of notes.
create table aliases (
  address text    not null,                   -- "/2026/11/old-name/"
  note    integer not null references notes (id),
  primary key (address, note)
) strict, without rowid;

create index aliases_note on aliases (note);

-- Files below content/ that are not notes, and that notes may show or link to.
create table attachments (
  file  text    not null primary key,         -- relative to content/, with slashes
  dir   text    not null,
  name  text    not null,                     -- like that of a note, with the extension: "chart.png/images/"
  size  integer not null,
  mtime integer not null,
  ctime integer not null,
  inode integer not null
) strict, without rowid;

create index attachments_dir on attachments (dir);
create index attachments_name on attachments (name);

-- Links from notes to files, by the ways in which files can be named. If a link leads to
-- another file, or the address of its file changes, its page is built again.
create table links (
  note   integer not null references notes (id),
  target text    not null,                    -- "=notes/a.md", "[[a/notes/", or the source of a copy
  seen   text    not null,                    -- the file when the page was built; empty: none
  primary key (note, target)
) strict, without rowid;

create index links_target on links (target, seen);

-- Links of pages to addresses of the site itself, the first of each address on a
-- page.
create table own_links (
  note     integer not null references notes (id),
  place    text    not null,                  -- the address without slashes at its ends: "2026/11/hello", "media/3f/3f9a.jpg"
  fragment text    not null,                  -- the part of the page, as in "#part", or empty
  line     integer not null,                  -- of the note's file
  link     text    not null,                  -- as written
  primary key (note, place, fragment)
) strict, without rowid;

create index own_links_place on own_links (place, fragment);

-- The addresses of these links, each once: a page with many links to it appears or
-- disappears at the cost of one row.
create table places (
  place    text    not null,
  fragment text    not null,
  state    integer not null,                  -- 0 exists, 1 does not exist, 2 not checked yet
  primary key (place, fragment)
) strict, without rowid;

create index places_open on places (place) where state = 2;
create index places_dead on places (place) where state = 1;

-- List pages, feeds and site maps: every output that belongs to no single note. A long
-- list has parts, numbered from the oldest: a new note changes only the last one, and
-- the notes of the others need not be read. Notes of one second may be in two parts: the
-- start of a part is a position in the order of notes.
create table lists (
  address text    not null primary key,       -- "/tags/go/", "/feed.xml"
  stale   integer not null,                   -- 1: must be written again
  outputs text    not null default '[]',      -- JSON list of files below the output folder
  built   integer,                            -- number of the build; null: never
  parts   integer not null default 0,         -- number of parts; 0: a list without parts
  tail    integer,                            -- when the first note of the last part was published; null: there is only one part
  since   integer,                            -- of a stale list: only notes published since then changed; null: any may have
  tail_permalink  text not null default '',   -- of the first note of the last part
  since_permalink text not null default '',   -- of the first such note in the second of since
  redirect integer not null default 0         -- 1: its output redirects to another address
) strict, without rowid;

create index lists_redirect on lists (address) where redirect = 1;

create index lists_stale on lists (stale) where stale = 1;

-- Remarks about lists, also about lists that are shadowed by a page.
create table list_warnings (
  address  text not null primary key,
  warnings text not null                      -- JSON list
) strict, without rowid;

-- Outputs that must be deleted. A row stays until the deletion is durable.
create table removals (
  output text not null primary key,
  built  integer                              -- number of the build that deleted it; null: not deleted yet
) strict, without rowid;

-- Files that are copied unchanged: static/ and media/.
create table copies (
  source text    not null primary key,        -- relative to the site: "static/favicon.svg"
  output text    not null,
  size   integer not null,
  mtime  integer not null,
  ctime  integer not null,
  inode  integer not null,
  built  integer not null                     -- number of the build that copied it
) strict, without rowid;

create index copies_output on copies (output);

-- The uploads that are in the output, newest first.
create index copies_media on copies (mtime, source) where source >= 'media/' and source < 'media0';

-- Uploads that are stored and not in the output yet.
create table uploads (
  source text not null primary key            -- relative to the site: "media/3f/3f9a….jpg"
) strict, without rowid;

-- Requests that made a note a moment ago, to recognize a repetition. A row is written
-- before the note's file: it counts only while the file exists and is the same.
create table requests (
  digest    blob    not null primary key check (length(digest) = 32),
  file      text    not null,
  permalink text    not null,
  hash      blob    not null check (length(hash) = 32), -- of the file when it was written
  at        integer not null                  -- seconds since the Unix epoch
) strict, without rowid;

create index requests_at on requests (at);
create index requests_file on requests (file);
