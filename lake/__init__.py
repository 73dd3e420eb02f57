"""Where bytes rest: storage, contracts, tables. Imports nothing of the project."""
