"""What no platform publishes of unscheduled care: fairness, unmet demands, coverage, what is to come.

Formulas and examples worked by hand: ``docs/methodes/sas.md``.
"""
