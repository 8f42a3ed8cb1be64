-- Of the saves since the file had that hash, only the newest state counts, also if it
-- has no output.
select todo < 2 and problem = '' and case
    when built_hash is null then shows = 0 and hash is not :hash
    else built_hash is hash
      and (live = 1 or built <= coalesce((select value from state where key = 'live'), 0))
  end
from notes where dir = :dir and file = :file
