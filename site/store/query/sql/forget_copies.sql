delete from copies
