update removals set built = :number where output = :output
