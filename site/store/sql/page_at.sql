select 'content/' || file from notes
where permalink = :permalink and gone = 0 and kind <> 'home' and shows > 0 and shadowed = 0 and published <= :now
limit 1
