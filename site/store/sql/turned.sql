select file from notes where turns > 0 and turns <= :now
