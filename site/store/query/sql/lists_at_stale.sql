update lists set stale = 1, since = null where address in (select a.value from json_each(:addresses) as a)
