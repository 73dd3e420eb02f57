"""Demo establishments in the FINESS layout."""
