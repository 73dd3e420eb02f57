"""Change over time: months, contributions, ranks, targets."""
