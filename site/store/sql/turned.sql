select file from notes where turns > 0 and turns <= :now
union all
select file from notes where turned > :now and turned > 0
