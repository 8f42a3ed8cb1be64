delete from copies where built > :safe
