"""Files in and out: CSV and XLSX, one column specification a noun, errors by file, row and column."""
