"""Filters of a page, their inputs, and search."""
