delete from places
where (place, fragment) in (
  select mine.place, mine.fragment from own_links mine
  where mine.note = :id and not exists (
    select 1 from own_links other
    where other.place = mine.place and other.fragment = mine.fragment and other.note <> :id))
