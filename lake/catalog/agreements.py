"""What tables of one delivery must say alike: sums of one are sums of the other."""

from __future__ import annotations

import polars as pl

from lake.catalog import segur
from lake.contract import Agreement

_PLACE = ("mois", "indicateur", "code_region", "code_departement")
_VALUE, _LINES = pl.col("valeur").sum(), pl.col("lignes").sum()
_COUNT = pl.len().cast(pl.Int64)

AGREEMENTS = (
    Agreement("la somme des valeurs", segur.CUMULS_TERRITOIRES, _VALUE, segur.MESURES, _VALUE, _PLACE),
    Agreement("la somme des valeurs", segur.CUMULS_EDITEURS, _VALUE, segur.MESURES, _VALUE, _PLACE),
    Agreement("le nombre de lignes", segur.CUMULS_TERRITOIRES, _LINES, segur.MESURES, _COUNT, _PLACE),
    Agreement(
        "le nombre de lignes",
        segur.COUVERTURE,
        pl.col("lignes").filter(pl.col("lignes") > 0).sum(),
        segur.MESURES,
        _COUNT,
        ("mois", "indicateur"),
    ),
)
