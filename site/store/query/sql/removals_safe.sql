delete from removals where built <= :safe
