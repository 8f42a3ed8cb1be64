delete from tags
