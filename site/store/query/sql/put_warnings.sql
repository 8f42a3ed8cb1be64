update notes set built_warnings = :warnings where id = :id
