select file from notes where file in (select a.value from json_each(:files) as a)
