select permalink
from notes
where kind = 'page' and status = 'public' and shows > 0 and shadowed = 0 and built_permalink = permalink
order by permalink
