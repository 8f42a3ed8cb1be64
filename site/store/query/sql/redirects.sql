-- The addresses with a page that redirects, or with a copy of a feed.
select l.address, coalesce((
    select n.permalink from aliases a join notes n on n.id = a.note
    where a.address = l.address and n.gone = 0 and n.shows > 0 and n.shadowed = 0 and n.published <= :now
    order by n.file limit 1), '')
from lists l
where l.redirect = 1 and l.outputs <> '[]' order by l.address
