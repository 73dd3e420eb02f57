"""Agendas by the wall clock: what a stored series of ranges means, and what can still be taken of it.

Here rather than in ``scoring``: the store's own transactions ask it before they give a seat. Hours are the place's
wall clock and become moments (UTC) in one module, :mod:`heures`; occurrences come from series (:mod:`plages`), slots
from occurrences (:mod:`creneaux`). No frame here has a column for a patient.
"""
