select c.output, c.source from json_each(:outputs) as a join copies c on c.output = a.value
