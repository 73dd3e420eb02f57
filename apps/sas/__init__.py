"""The SAS: who can see a patient now, by whom the hours are offered, and who administers it."""
