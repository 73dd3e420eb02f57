"""The columns of INSEE's table POP1B, and how its files are named."""

from __future__ import annotations

import re

COLUMNS = ("NIVGEO", "CODGEO", "LIBGEO", "SEXE", "AGED100", "NB")
"""The file's header, in its order."""
REQUIRED = tuple(name for name in COLUMNS if name not in ("NIVGEO", "LIBGEO"))
"""Columns without which a line says nothing; the others may be absent."""
OLDEST = 100
"""The last age of the table: it stands for a hundred years and over."""
NAME = re.compile(r"POP1B[_-]?((?:19|20)[0-9]{2})", re.IGNORECASE)
"""A file's name and the year of the census in it: ``TD_POP1B_2021.csv``."""
