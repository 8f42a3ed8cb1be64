select permalink, file from notes
where permalink <> lower(permalink) and lower(permalink) = lower(:permalink) and permalink <> :permalink and shows > 0
union all
select permalink, file from notes
where permalink = lower(:permalink) and permalink <> :permalink and shows > 0
limit 1
