select file from notes where turns > 0 and turns <= 0 + :now
union all
select file from notes where turned > 0 + :now and turned > 0
