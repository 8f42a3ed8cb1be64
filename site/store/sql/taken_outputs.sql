select a.value from json_each(:outputs) as a
where exists (
    select 1 from notes
    where permalink = :permalink and gone = 0 and kind <> 'home' and shows > 0 and shadowed = 0 and published <= :now)
  or exists (select 1 from copies where output = a.value)
