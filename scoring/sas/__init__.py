"""Unscheduled care (SAS): how far a search goes, how soon, who is open, and in which order it is told.

Pure functions on frames; what a range means is :mod:`lake.horaires`. No frame here has a column for a patient.
"""
