"""Generators of demonstration files in the official layouts; persons are fictional."""
