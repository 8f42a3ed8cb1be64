select source, mtime from copies
where source >= 'media/' and source < 'media0' and (mtime, source) < (:mtime, :source)
order by mtime desc, source desc limit 0 + :limit offset :offset
