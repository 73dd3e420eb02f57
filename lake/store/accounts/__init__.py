"""Accounts, organisations, sessions, links, messages: the store's first room."""
