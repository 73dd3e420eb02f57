"""Unscheduled care (SAS): when somebody is available, where, and in which order it is told.

Pure functions on frames. Hours are the place's wall clock and become moments (UTC) in one module, :mod:`heures`;
occurrences come from series (:mod:`plages`), slots from occurrences (:mod:`creneaux`), the order of a search from
slots (:mod:`ordre`, :mod:`recherche`). No frame here has a column for a patient.
"""
