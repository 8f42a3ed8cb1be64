select built_permalink from notes
where gone = 1 and hash = :hash and built_permalink is not null
limit 1
