"""Demo addresses in the BAN's layout."""
