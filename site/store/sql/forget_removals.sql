delete from removals
