select file from attachments where file = :file or file >= :begin and file < :end
