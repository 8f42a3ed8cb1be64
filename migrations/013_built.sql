-- Whether a note's page is where its row says matters for the few that moved
-- alone, and which build made it only after a crash, when all rows are looked at.
drop index notes_built_permalink;
create index notes_built_permalink on notes (built_permalink) where built_permalink <> permalink;
drop index notes_built;
