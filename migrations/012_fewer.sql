-- Which tags a note had is known from the lists it stood on, and the years of a
-- tag or a type from when its notes were published: fewer indexes to write for
-- each note.
drop index tags_note;
drop index tags_year;
drop index notes_type_month;
