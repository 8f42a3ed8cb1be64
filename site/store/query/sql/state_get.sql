select value from state where key = :key
