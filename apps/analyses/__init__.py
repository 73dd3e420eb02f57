"""Analyses: what readers compose, keep and read, drawn by the same renderer as every page."""
