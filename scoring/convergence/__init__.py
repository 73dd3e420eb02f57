"""Maturity of services: levels, rates, plans, dependencies."""
