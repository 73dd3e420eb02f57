"""Source ``convergence``: campaigns of maturity declarations, and the demo that reproduces a publication."""
