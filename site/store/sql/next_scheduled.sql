select min(published) from notes where shows = 2 and shadowed = 0 and published > :now
