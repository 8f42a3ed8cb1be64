update removals set built = null where built > :safe
