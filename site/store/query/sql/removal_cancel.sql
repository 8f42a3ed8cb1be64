delete from removals where output = :output
