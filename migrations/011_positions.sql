-- Notes of one second may lie in two parts of a list: where the last part begins,
-- and since when a list changed, is a place in the order of notes.
alter table lists drop column shared;
-- The permalink of the first note of the last part.
alter table lists add column tail_permalink text not null default '';
-- The permalink of the note in question that is first in the second of since.
alter table lists add column since_permalink text not null default '';
-- Of lists that were made before this it is not known: they are made whole again.
update lists set parts = 0, tail = null;
