-- Of a file that changed since, what was found in it then is out of date.
select built_warnings from notes
where built_warnings is not null and built_hash is hash and problem = '' and gone = 0
union all
select warnings from list_warnings
