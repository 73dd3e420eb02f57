"""Agendas of other editors, read by FHIR: what is asked, within what time, what of the answer is kept."""
