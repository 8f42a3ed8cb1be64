select source, output, size, mtime, ctime, inode from copies where source = :source
union all
select source, output, size, mtime, ctime, inode from copies where source >= '' || :prefix and source < '' || :end
