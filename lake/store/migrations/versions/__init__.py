"""One module a migration: ``<number>_<what>.py``."""
