-- By the index of shadowed notes: in a first build every note is in that of todo.
select permalink from notes
where shadowed = 1 and permalink > '' and +todo > 0 and shows > 0 and published <= :now
