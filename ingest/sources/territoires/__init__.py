"""Communes, EPCI, départements, régions, postal codes and outlines: a packaged reference, refreshed."""
