"""Choropleths, outlines, points, tiles, and the base map."""
