-- The number of files that are copied from a folder, at most :limit.
select count(*) from (select 1 from copies where source >= '' || :prefix and source < '' || :end limit 0 + :limit)
