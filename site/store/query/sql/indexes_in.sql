select n.file from json_each(:dirs) as a
cross join notes n on n.dir = a.value and n.file in (a.value || '/index.md', a.value || '/index.markdown')
