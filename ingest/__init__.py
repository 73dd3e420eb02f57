"""Sources to tables: fetch, parse, check, publish."""
