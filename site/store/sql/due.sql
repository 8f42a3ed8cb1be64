-- By the index of the shadowed: that of what is left to do has every note of a first build.
select permalink from notes
where shadowed = 1 and permalink > '' and +todo > 0 and shows > 0 and published <= :now
