"""Unscheduled care in the store: who offers what, who took which seat, what was searched.

Nothing here has a place for a patient: no name, no address, no telephone, no free text (a test reads every column).
An occurrence is not stored: it is what its series means (:mod:`lake.horaires`), the same on every replica. A booking
names its series and its day, and keeps its own hours whatever becomes of the series.
"""
