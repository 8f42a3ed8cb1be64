-- A long list has parts, numbered from the oldest. What is posted changes the last
-- one alone, and neither the others nor their notes need to be looked at.

-- How many parts there are; 0: not that kind of list.
alter table lists add column parts integer not null default 0;
-- Where the last part begins, in seconds since the Unix epoch; null: there is but one.
alter table lists add column tail integer;
-- How many notes of that very second are in the part before.
alter table lists add column shared integer not null default 0;
-- Of a stale list: only what was published since then changed; null: anything may have.
alter table lists add column since integer;
