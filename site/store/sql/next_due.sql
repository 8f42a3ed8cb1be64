select min(published) from notes where todo > 0 and published > :now and shows > 0
