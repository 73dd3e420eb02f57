"""What an account may see, under the name that the store's callers know; see :mod:`lake.droits`."""

from __future__ import annotations

from lake.droits import PROFILS, REGIONAL, UNIVERS, Droits, effective, narrowing, of_profile

__all__ = ["PROFILS", "REGIONAL", "UNIVERS", "Droits", "effective", "narrowing", "of_profile"]
