select exists (select 1 from notes where gone = 1 and hash > x''), exists (select 1 from notes where permalink <> lower(permalink) and lower(permalink) > '')
