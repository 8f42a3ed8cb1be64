select todo < 2 and built_hash is :hash and hash is :hash
  and (live = 1 or built <= coalesce((select value from state where key = 'live'), 0))
from notes where file = :file
