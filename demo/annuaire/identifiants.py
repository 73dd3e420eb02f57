"""Identifiers that cannot exist: no demo person, company or establishment can be mistaken for a real one.

* RPPS: eleven digits that begin with ``90`` (real numbers begin with ``1``; the test cards of the Agence
  du Numérique en Santé begin with ``9970``) and fail the Luhn check that real numbers pass.
* ADELI: nine digits that begin with ``00`` (real ones begin with the number of a department) and fail the
  Luhn check.
* SIREN, SIRET: fail the Luhn check that every real number passes.
* FINESS: department, then ``9`` where real numbers have ``0`` or ``1``, and fail the Luhn check.
* Telephones: the blocks that the regulator keeps for works of fiction, 01 99 00, 02 61 91, 03 53 01, 04 65
  71 and 05 36 49 (Arcep, décision n° 2018-0881, plan national de numérotation).
* E-mail: the reserved top-level domain ``.example`` (RFC 2606).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]

_STRIDE, _MODULUS = 38_196_601, 100_000_000  # coprime: consecutive ranks never meet


def luhn_key(numbers: Ints) -> Ints:
    """The digit that makes each number pass the Luhn check once appended (ISO/IEC 7812-1, annex B)."""
    rest, total, position = numbers.astype(np.int64).copy(), np.zeros(numbers.shape, np.int64), 0
    while rest.any():
        digit = rest % 10
        if position % 2 == 0:
            digit = np.where(digit > 4, 2 * digit - 9, 2 * digit)
        total += digit
        rest //= 10
        position += 1
    return (10 - total % 10) % 10


def passes_luhn(number: str) -> bool:
    """Whether a string of digits passes the Luhn check."""
    return bool(luhn_key(np.array([int(number[:-1])]))[0] == int(number[-1]))


def _failing(numbers: Ints) -> Ints:
    """Append to each number a last digit that fails the Luhn check."""
    return numbers * 10 + (luhn_key(numbers) + 1 + numbers % 9) % 10


def _scatter(ranks: Ints, shift: int, size: int) -> Ints:
    return (ranks * _STRIDE + shift) % size


def rpps(ranks: Ints, shift: int) -> pl.Series:
    """RPPS-like numbers, distinct for distinct ranks under 100 million."""
    return pl.Series(_failing(90 * _MODULUS + _scatter(ranks, shift, _MODULUS))).cast(pl.String)


def adeli(ranks: Ints, shift: int) -> pl.Series:
    """ADELI-like numbers, distinct for distinct ranks under 1 million."""
    return pl.Series(_failing(_scatter(ranks, shift, 1_000_000))).cast(pl.String).str.zfill(9)


def siren(ranks: Ints, shift: int) -> pl.Series:
    """SIREN-like numbers, distinct for distinct ranks under 10 million."""
    return pl.Series(_failing(90_000_000 + _scatter(ranks, shift, 10_000_000))).cast(pl.String)


def siret(sirens: pl.Series) -> pl.Series:
    """SIRET-like numbers of the first establishment of each company."""
    return pl.Series(_failing(sirens.cast(pl.Int64).to_numpy() * 10_000 + 1)).cast(pl.String)


def finess(departements: pl.Series, ranks: Ints, shift: int) -> pl.Series:
    """FINESS-like numbers, distinct within a department for distinct ranks under 100 thousand."""
    prefix = departements.cast(pl.Int64).to_numpy() * 1_000_000 + 900_000
    return pl.Series(_failing(prefix + _scatter(ranks, shift, 100_000))).cast(pl.String).str.zfill(9)


def telephone(ranks: Ints, block: int = 353_01) -> pl.Series:
    """Telephone numbers of one of the blocks kept for fiction (10,000 a block: they repeat)."""
    return pl.Series("0" + pl.Series(block * 10_000 + ranks * 7_919 % 10_000).cast(pl.String))
