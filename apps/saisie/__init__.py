"""The entry of Convergence: describe, answer, plan, validate."""
