select source from uploads order by source
