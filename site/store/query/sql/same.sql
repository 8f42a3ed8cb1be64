-- A built row that need not be built again was read with this configuration.
select 1 from notes
where dir = :dir and file = :file and rev = :rev and todo = 0 and gone = 0 and hash = :hash and problem = '' || :problem and turns = :turns and turned = :turned
  and size = :size and mtime = :mtime and ctime = :ctime and inode = :inode and settled = :settled
