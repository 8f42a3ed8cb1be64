select built_outputs from notes where permalink = :permalink and built_permalink = :permalink
union all
select built_outputs from notes where built_permalink = :permalink and built_permalink <> permalink
union all
select outputs from lists where address = :permalink
