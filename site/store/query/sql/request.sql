select file, permalink, hash from requests where digest = :digest and at >= :since
