select a.address from aliases a join lists l on l.address = a.address
where l.outputs <> '[]'
group by a.address order by a.address
