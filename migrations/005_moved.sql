-- Files that are no more, by their content: a new one with the same is likely
-- to be the same note, moved.
create index notes_gone on notes (hash) where gone = 1;

-- Addresses that a file system which ignores case may confuse with others.
create index notes_case on notes (lower(permalink)) where permalink <> lower(permalink);
