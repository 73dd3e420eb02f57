"""The small files of a delivery: catalogue of indicators, structures, targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from ingest.source import REJECTS_SCHEMA, no_rejects
from ingest.sources.segur.nomenclature import Nomenclature, actor_of, month_of, service_of
from lake.catalog.segur import (
    INDICATEURS,
    OBJECTIFS,
    PROFESSIONS,
    STRUCTURES,
    lire_indicateurs,
)
from lake.contract import Table

FRANCE = "FR"


@dataclass(frozen=True)
class Kept:
    """Lines of a small file that keep their contract, and the others.

    Attributes:
        frame: the contract's columns.
        rejects: the others (``REJECTS_SCHEMA``).
        lues: lines given.
        doublons: lines repeated word for word, counted once.
    """

    frame: pl.DataFrame
    rejects: pl.DataFrame
    lues: int
    doublons: int = 0


def catalogue(rows: pl.DataFrame, known: pl.DataFrame, published: Sequence[str]) -> Kept:
    """Indicators added or described anew by an operator.

    Args:
        rows: text columns of the kind ``indicateurs``, with ``ligne`` and ``fichier``.
        known: the catalogue in force.
        published: codes that months already published hold; how they combine cannot change, since the sums
            kept of these months rest on it.
    """
    typed = lire_indicateurs(rows).with_columns(_said("service", rows, service_of))
    former = dict(known.select("code", "combinaison").iter_rows())
    merged = pl.concat(
        [known.filter(~pl.col("code").is_in(typed["code"].implode())), typed.select(known.columns)]
    )
    sums = merged.filter(pl.col("combinaison").is_in(["flux", "stock"]))["code"].implode()
    ratio = pl.col("combinaison") == "ratio"
    terms = pl.col("numerateur").is_in(sums) & pl.col("denominateur").is_in(sums)
    was = pl.col("code").replace_strict(former, default=None, return_dtype=pl.String)
    changed = pl.col("code").is_in(list(published)) & (was != pl.col("combinaison"))
    return _kept(
        INDICATEURS,
        typed,
        [
            (ratio & ~terms.fill_null(False), "un terme du rapport n'est ni un flux ni un stock connu"),
            (changed, "la combinaison d'un indicateur déjà publié ne change pas (créez un autre code)"),
        ],
    )


def structures(rows: pl.DataFrame, names: Nomenclature) -> Kept:
    """Names of structures.

    Args:
        rows: text columns of the kind ``structures``, with ``ligne`` and ``fichier``.
        names: what values may say.
    """
    typed = rows.with_columns(
        _said("code_departement", rows, names.departement),
        _said("type_acteur", rows, actor_of),
        pl.col("structure").str.to_uppercase(),
        ecrit=pl.col("code_departement"),
    )
    unknown = pl.col("ecrit").is_not_null() & pl.col("code_departement").is_null()
    return _kept(STRUCTURES, typed, [(unknown, "département inconnu")])


def professions(rows: pl.DataFrame) -> Kept:
    """Professions named by an operator: those that the packaged list lacks, or names otherwise.

    Args:
        rows: text columns of the kind ``professions``, with ``ligne`` and ``fichier``.
    """
    return _kept(PROFESSIONS, rows.with_columns(pl.col("code_profession").str.to_uppercase()), [])


def objectifs(rows: pl.DataFrame, names: Nomenclature) -> Kept:
    """Targets: a territory is told by ``maille`` and ``territoire``, or by a region or department column.

    Args:
        rows: text columns of the kind ``objectifs``, with ``ligne`` and ``fichier``.
        names: what values may say.
    """
    places = [
        _territory(line, names)
        for line in rows.select("maille", "territoire", "code_region", "code_departement").iter_rows(
            named=True
        )
    ]
    number = pl.col("cible").str.replace_all(r"[\s\u00a0\u202f%]", "").str.replace(",", ".", literal=True)
    percent = pl.col("cible").str.contains("%", literal=True)
    typed = rows.with_columns(
        _said("indicateur", rows, lambda value: names.indicateur(value, None)),
        maille=pl.Series([place[0] for place in places], dtype=pl.String),
        code_territoire=pl.Series([place[1] for place in places], dtype=pl.String),
        mois_cible=pl.col("mois_cible").replace_strict(
            {value: month_of(value) for value in rows["mois_cible"].drop_nulls().unique()},
            default=None,
            return_dtype=pl.Date,
        ),
        cible=number.cast(pl.Float64, strict=False) / pl.when(percent).then(100.0).otherwise(1.0),
    )
    rates = [code for code, line in names.indicateurs.items() if line["combinaison"] == "ratio"]
    return _kept(
        OBJECTIFS,
        typed,
        [
            (pl.col("indicateur").is_null(), "indicateur inconnu"),
            (pl.col("code_territoire").is_null(), "territoire inconnu"),
            (pl.col("mois_cible").is_null(), "mois cible illisible"),
            (pl.col("cible").is_null() | pl.col("cible").is_nan(), "cible non numérique"),
            (
                pl.col("indicateur").is_in(rates) & (pl.col("cible") > 1),
                "cible d'un taux supérieure à 1 (écrivez 0,8 ou 80 %)",
            ),
        ],
    )


def _territory(line: Mapping[str, str | None], names: Nomenclature) -> tuple[str | None, str | None]:
    """Mesh and code of a target's territory."""
    departement, region, mesh = line["code_departement"], line["code_region"], line["maille"]
    place = line["territoire"]
    if mesh is not None:
        kind = mesh.casefold().replace("é", "e")
        if kind == "departement":
            departement = departement or place
        elif kind == "region":
            region, departement = region or place, None
        elif kind == "france":
            return "france", FRANCE
        else:
            return kind, None
    if departement is not None:
        return "departement", names.departement(departement)
    if region is not None:
        return "region", names.region(region)
    return ("france", FRANCE) if mesh is None and place is None else (mesh, None)


def _said(name: str, rows: pl.DataFrame, say: object) -> pl.Expr:
    """A text column through a function of its distinct values."""
    assert callable(say)
    found = {value: say(value) for value in rows.get_column(name).drop_nulls().unique()}
    return pl.col(name).replace_strict(found, default=None, return_dtype=pl.String).alias(name)


def _kept(table: Table, typed: pl.DataFrame, reasons: Sequence[tuple[pl.Expr, str]]) -> Kept:
    """Split lines by the source's own reasons, then by the contract; each reject keeps its line."""
    lues = typed.height
    once = typed.unique([*table.columns], keep="first", maintain_order=True)
    broken = [(condition.fill_null(False), said) for condition, said in reasons]
    motif = (
        pl.concat_list(pl.when(condition).then(pl.lit(said)) for condition, said in broken)
        .list.drop_nulls()
        .list.join(" ; ")
        if broken
        else pl.lit("")
    )
    told = once.with_columns(motif=motif)
    own, rest = told.filter(pl.col("motif") != ""), told.filter(pl.col("motif") == "").drop("motif")
    conformed = table.conform(rest)
    # The contract keeps one line a key, or none: what it does not keep is the rest.
    off = rest.join(conformed.valid, on=list(table.key), how="anti", nulls_equal=True)
    why = conformed.rejects.select(*table.key, "motif").unique(table.key, keep="first")
    off = off.join(why, on=list(table.key), how="left", nulls_equal=True)
    refused = pl.concat([own, off.select(own.columns)])
    return Kept(
        frame=conformed.valid,
        rejects=_rejects(table, refused),
        lues=lues,
        doublons=lues - once.height,
    )


def _rejects(table: Table, refused: pl.DataFrame) -> pl.DataFrame:
    if refused.is_empty():
        return no_rejects()
    texts = [pl.col(name).cast(pl.String).fill_null("") for name in table.columns]
    return refused.select("fichier", "ligne", "motif", contenu=pl.concat_str(texts, separator=";")).cast(
        REJECTS_SCHEMA
    )
