select coalesce(min(built), -1) from notes where built > :number
