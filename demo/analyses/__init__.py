"""Analyses of the demonstration: three of each person's own, as readers would compose them."""
