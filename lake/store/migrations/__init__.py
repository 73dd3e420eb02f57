"""Migrations of the store, oldest first; written by hand, one change a file, never edited once released."""
