-- Without the warnings of files that changed since they were built.
select built_warnings from notes
where built_warnings is not null and built_hash is hash and problem = '' and gone = 0
union all
select warnings from list_warnings
