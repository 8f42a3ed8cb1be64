delete from lists
