select source from copies where output = :output limit 1
