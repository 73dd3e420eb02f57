"""The demo of Convergence: campaigns whose aggregates are those that were published."""
