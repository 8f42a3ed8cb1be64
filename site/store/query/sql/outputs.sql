select built_outputs from notes where built_outputs is not null
union all
select outputs from lists
