select key, value from state where key >= 'held ' and key < 'held!'
