"""Sums, and orders, that do not depend on the order of the rows.

A sum of floats depends on their order, which a query may change from one run to the next; a sum of integers does not:
the same question gets the same digits, and two territories that are equal stay equal, wherever their rows come from.
"""

from __future__ import annotations

import polars as pl

STEPS = 2.0**60
"""Steps of a unit in :func:`exact`: finer than the digits of a rate."""


def exact(values: pl.Expr) -> pl.Expr:
    """Numbers in integer steps of 1/:data:`STEPS` (Int128)."""
    return (values * STEPS).round().cast(pl.Int128)


def exact_sum(values: pl.Expr) -> pl.Expr:
    """The sum of numbers (Float64), to the same digits in any order."""
    return exact(values).sum().cast(pl.Float64) / STEPS


def close(values: pl.Expr) -> pl.Expr:
    """Numbers to order rows by: what differs by less than a billionth is equal, and the next key decides.

    Two communes that have the same professionals at the same distances are equal; their values, summed in the order of
    their neighbours, may differ in the last digit.
    """
    return values.round(9)
