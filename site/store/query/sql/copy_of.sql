select source from copies where output = :output order by source desc limit 1
