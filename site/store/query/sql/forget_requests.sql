delete from requests where at < :before
