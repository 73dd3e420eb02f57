"""Demo extraction of the national directory."""
