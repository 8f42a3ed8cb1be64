update state set value = value + 1 where key = 'rev'
