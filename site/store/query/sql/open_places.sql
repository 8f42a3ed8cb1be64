select place, fragment from places where state = 2 limit 0 + :limit
