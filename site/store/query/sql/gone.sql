select not exists (
    select 1 from notes
    where dir = :dir and file = :file and (gone = 1 or todo >= 2 and (built_outputs is not null or published <= :now)))
  and not exists (select 1 from removals where output = :output and built is null)
