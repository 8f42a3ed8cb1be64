-- A note that is due takes precedence over a scheduled one.
update notes set
  shadowed = 1 - shadowed, todo = max(todo, 2), rev = (select value from state where key = 'rev')
where permalink = :permalink and shows > 0
  and shadowed <> (:own or id <> (
    select first.id from notes first
    where first.permalink = :permalink and first.shows > 0
    order by first.published > :now, first.kind = 'note', first.file limit 1))
