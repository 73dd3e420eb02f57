"""Convergence: how mature the regions' digital health services are, and how they will converge."""
