select problem from notes where problem <> '' and gone = 0
union all
select 'content/' || n.file || ':1: its address ' || n.permalink || ' belongs to content/' || first.file
from notes n indexed by notes_shadowed cross join notes first on first.permalink = n.permalink and first.shows > 0 and first.shadowed = 0
where n.shadowed = 1 and n.shows > 0
order by 1
