-- The index of a site: what can be read off its files, and what was last built
-- from them. Everything in here can be thrown away and made again.
--
-- An index has what its queries need to show of a row, where many rows are looked at:
-- to fetch each from its table takes longer than all the rest. There are no more
-- than are needed, since each is written for each note.

create table state (
  key   text not null primary key,
  value any  not null
) strict, without rowid;

insert into state values ('rev', 0);          -- grows with every change: see rev below

create table notes (
  id        integer primary key,
  file      text    not null,                 -- relative to content/, with slashes; no other row has it
  dir       text    not null,                 -- the folder of file, "" for content/ itself
  name      text    not null,                 -- the elements of file from the last to the first, in small letters, NFC: "hello/2026/notes/"
  rev       integer not null,                 -- of the last change of this row's source: state has the newest

  -- the file as last read
  size      integer not null,                 -- bytes
  mtime     integer not null,                 -- nanoseconds since the Unix epoch
  ctime     integer not null,                 -- likewise
  inode     integer not null,
  settled   integer not null,                 -- 0: read so soon after ctime that a later change could look the same
  hash      blob    not null check (length(hash) = 32), -- SHA-256 of the bytes; of a bundle, of its other files' names, sizes and times too
  problem   text    not null,                 -- "content/hello.md:2: …" when it can't be parsed, else empty
  notices   text    not null default '',      -- JSON list of remarks like problem about a file that can be parsed; empty: none

  -- the note as last parsed; the permalink is null if it never could be
  kind      text    not null,                 -- note, page, home
  type      text    not null,                 -- post type
  status    text    not null,                 -- public, unlisted, private, draft, deleted
  shows     integer not null,                 -- 0 no output, 1 a page, 2 a page that lists link to
  shadowed  integer not null default 0,       -- 1: another note has the same permalink and goes first
  permalink text,
  published integer not null,                 -- seconds since the Unix epoch
  written   text    not null,                 -- the same as written: RFC 3339
  label     text    not null,                 -- what lists call it
  named     integer not null,                 -- 1: label is its name
  tags      text    not null,                 -- JSON list, as spelled
  turns     integer not null default 0,       -- when shows changes by the clock alone, in seconds since the Unix epoch; 0: never
  turned    integer not null default 0,       -- when it did the last time; 0: never

  -- what is left to do: 0 nothing, 1 a neighbour changed, 2 it changed, 3 somebody waits for it
  todo      integer not null,
  gone      integer not null default 0,       -- 1: the file is no more; the row goes when its outputs were planned away

  -- the note as last built; null: never
  built_hash      blob,
  built_permalink text,
  built_published integer,
  built_lists     text,                       -- JSON list of addresses
  built_outputs   text,                       -- JSON list of files below the output folder
  built           integer,                    -- number of the build
  built_warnings  text,                       -- JSON list: remarks about the page, each with file and line; null: none
  beside          integer not null default 0, -- a hash of what its page shows of the notes before and after it
  live            integer not null default 0, -- 1: its lists were written too

  -- what a search looks at, in small letters of every script: SQLite knows those of
  -- ASCII, and to ask it for them was most of what a search cost
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

-- Where links to a file lead, whatever way it is written.
create index notes_name on notes (name) where shows > 0 and shadowed = 0;
create index notes_warned on notes (file) where built_warnings is not null;

-- Files that are no more, by their content: a new one with the same is likely
-- to be the same note, moved.
create index notes_gone on notes (hash) where gone = 1;

-- Addresses that a file system which ignores case may confuse with others.
create index notes_case on notes (lower(permalink)) where permalink <> lower(permalink);

-- All that a search for a word or for a post type reads.
create index notes_source on notes (published, permalink, type, status, words)
  where kind = 'note' and status <> 'deleted' and shadowed = 0 and gone = 0 and problem = '';

-- All that a scan compares with the files. It also finds the row of a file.
create index notes_dir on notes (dir, file, size, mtime, ctime, inode, settled, rev, gone);

-- The few whose page is not where the row says: they moved.
create index notes_built_permalink on notes (built_permalink) where built_permalink <> permalink;

-- The tags of notes that lists link to, for apps. They are recorded with the notes.
create table tags (
  address text not null primary key,          -- path element: "site-news"
  spelled text not null                       -- as its oldest note spells it
) strict, without rowid;

-- Where notes can be reached beside their permalinks.
create table aliases (
  address text    not null,                   -- "/2026/11/old-name/"
  note    integer not null references notes (id),
  primary key (address, note)
) strict, without rowid;

create index aliases_note on aliases (note);

-- Files below content/ that are no notes, and that notes may show or link to.
create table attachments (
  file  text    not null primary key,         -- relative to content/, with slashes
  dir   text    not null,
  name  text    not null,                     -- as that of a note, with the extension: "chart.png/images/"
  size  integer not null,
  mtime integer not null,
  ctime integer not null,
  inode integer not null
) strict, without rowid;

create index attachments_dir on attachments (dir);
create index attachments_name on attachments (name);

-- Links from notes to files, by the ways in which files can be named: when another
-- file is meant, or its address changes, the pages that link to it are built again.
create table links (
  note   integer not null references notes (id),
  target text    not null,                    -- "=notes/a.md", "[[a/notes/", or the source of a copy
  seen   text    not null,                    -- what it was when the page was built; empty: nothing
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

-- The addresses that these links lead to, each once: a page that many link to
-- comes or goes at the cost of one.
create table places (
  place    text    not null,
  fragment text    not null,
  state    integer not null,                  -- 0 something is there, 1 nothing is, 2 not looked at yet
  primary key (place, fragment)
) strict, without rowid;

create index places_open on places (place) where state = 2;
create index places_dead on places (place) where state = 1;

-- List pages, feeds and site maps: everything that is not one note's own. A long
-- list has parts, numbered from the oldest: what is posted changes the last one
-- alone, and neither the others nor their notes need to be looked at. Notes of one
-- second may lie in two parts: where one begins is a place in the order of notes.
create table lists (
  address text    not null primary key,       -- "/tags/go/", "/feed.xml"
  stale   integer not null,                   -- 1: to be written again
  outputs text    not null default '[]',      -- JSON list of files below the output folder
  built   integer,                            -- number of the build; null: never
  parts   integer not null default 0,         -- how many there are; 0: not that kind of list
  tail    integer,                            -- when the first note of the last part was published; null: there is but one part
  since   integer,                            -- of a stale list: only what was published since then changed; null: anything may have
  tail_permalink  text not null default '',   -- of the first note of the last part
  since_permalink text not null default '',   -- of the note in question that is first in the second of since
  redirect integer not null default 0         -- 1: its output leads to another address
) strict, without rowid;

create index lists_redirect on lists (address) where redirect = 1;

create index lists_stale on lists (stale) where stale = 1;

-- Remarks about lists, also about those that have no output since a page is in
-- their place.
create table list_warnings (
  address  text not null primary key,
  warnings text not null                      -- JSON list
) strict, without rowid;

-- Outputs to be deleted. A row stays until the deletion is known to be safe.
create table removals (
  output text not null primary key,
  built  integer                              -- number of the build that deleted it; null: to be done
) strict, without rowid;

-- Files that are copied as they are: static/ and media/.
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

-- Uploads that the receiver kept and that are not in the output yet.
create table uploads (
  source text not null primary key            -- relative to the site: "media/3f/3f9a….jpg"
) strict, without rowid;

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
create index requests_file on requests (file);
