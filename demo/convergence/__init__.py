"""Demo campaigns of Convergence, calibrated on the published figures."""
