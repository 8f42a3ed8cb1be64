insert into own_links (note, place, fragment, line, link) values (:id, :place, :fragment, :line, :link)
