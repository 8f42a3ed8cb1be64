-- The addresses that have a page that leads elsewhere, or the copy of a feed.
select address from lists where redirect = 1 and outputs <> '[]' order by address
