select substr(address, 10, 7) from lists where address >= '/sitemap-0' and address < '/sitemap-:'
