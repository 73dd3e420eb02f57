"""Quantiles used by intervals: normal and Student."""

from __future__ import annotations

import math
from statistics import NormalDist


def normal_quantile(probability: float) -> float:
    """Quantile of the standard normal law (0 < probability < 1)."""
    return NormalDist().inv_cdf(probability)


def quantile(probability: float, freedom: int) -> float:
    """Quantile of Student's law.

    The distribution function of an integer number of degrees of freedom is a finite sum (Abramowitz & Stegun,
    *Handbook of Mathematical Functions*, 26.7.3 and 26.7.4); it is inverted by bisection.

    Args:
        probability: 0.5 to 1 (excluded).
        freedom: degrees of freedom, at least 1.

    Returns:
        The value that a Student variable stays below with this probability.
    """
    low, high = 0.0, 1.0
    while distribution(high, freedom) < probability:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if distribution(middle, freedom) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def distribution(value: float, freedom: int) -> float:
    """Probability that a Student variable stays below a value."""
    angle = math.atan(abs(value) / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    if freedom % 2:
        term, total = cosine, cosine if freedom > 1 else 0.0
        for rank in range(3, freedom - 1, 2):
            term *= cosine**2 * (rank - 1) / rank
            total += term
        central = 2 / math.pi * (angle + sine * total)
    else:
        term, total = 1.0, 1.0
        for rank in range(2, freedom - 1, 2):
            term *= cosine**2 * (rank - 1) / rank
            total += term
        central = sine * total
    return 0.5 + math.copysign(central / 2, value)
