select 'content/' || file from notes
where permalink >= :below and permalink < :end and shows > 0 and shadowed = 0 and gone = 0 and published <= :now
order by permalink limit 1
