select output from removals where built is null order by output
