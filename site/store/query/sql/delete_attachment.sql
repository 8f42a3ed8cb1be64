delete from attachments where file = :file
