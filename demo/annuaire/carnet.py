"""The communes where the demo may place a site, with their findable addresses and the ways to name them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from demo.ban.anciennes import usable_mergers
from demo.ban.voies import capitales
from demo.ban.write import BanDemo
from lake.errors import ContractError

Ints = npt.NDArray[np.int64]

# Population from which a commune has a CEDEX office.
_CEDEX_POPULATION = 8_000


@dataclass(frozen=True)
class Carnet:
    """The communes where the demo may place a site, and their findable addresses.

    Attributes:
        communes: one row per commune with at least one findable address: ``code_commune``, ``commune``,
            ``code_departement``, ``siren_epci``, ``population``, ``cedex`` (CEDEX postal code, or null),
            ``ancien_code`` and ``ancien_nom`` (a former commune, or null), ``sans_code`` (Boolean: postal
            code and label are enough to tell it), ``nom_unique`` (Boolean: its name is unique in its
            department).
        adresses: findable numbered addresses, sorted by commune.
        lieux_dits: findable places without number, sorted by commune.
        premier, nombre: range of each commune in ``adresses``.
        premier_lieu, nombre_lieux: range of each commune in ``lieux_dits``.
        codes_ambigus: postal codes that several communes share, by department.
    """

    communes: pl.DataFrame
    adresses: pl.DataFrame
    lieux_dits: pl.DataFrame
    premier: Ints
    nombre: Ints
    premier_lieu: Ints
    nombre_lieux: Ints
    codes_ambigus: pl.DataFrame


def open_carnet(
    communes: pl.DataFrame, codes_postaux: pl.DataFrame, fusions: pl.DataFrame, ban: BanDemo
) -> Carnet:
    """Gather what is needed to write addresses.

    Raises:
        ContractError: no commune given has an address in the demo base.
    """
    rows = (
        ban.adresses.filter(pl.col("repetition").is_in(["", "bis", "ter"]))
        .join(ban.rues, on="rue", how="left")
        .sort("code_commune", "rue", "numero", "repetition")
    )
    known = (
        communes.join(rows.filter(~pl.col("lieu_dit")), on="code_commune", how="semi")
        .select(
            "code_commune",
            "commune",
            "code_departement",
            "siren_epci",
            pl.col("population").fill_null(0).cast(pl.Int64),
        )
        .sort("code_commune")
        .with_row_index("c")
        .with_columns(pl.col("c").cast(pl.Int64), _cle=label_key(pl.col("commune")))
    )
    if known.is_empty():
        raise ContractError(
            "Démonstration de l'annuaire : aucune des communes n'a d'adresse dans la base adresse.",
            conseil="Générez d'abord la base adresse avec les mêmes communes.",
        )
    former = (
        usable_mergers(fusions)
        .group_by("code_commune")
        .agg(
            pl.col("ancien_code_commune").sort().first().alias("ancien_code"),
            pl.col("ancienne_commune").sort_by("ancien_code_commune").first().alias("ancien_nom"),
        )
    )
    shared = codes_postaux.join(
        known.select("code_commune", "_cle", "code_departement"), on="code_commune", how="inner"
    )
    homonyms = shared.group_by("code_postal", "_cle").agg(_n=pl.col("code_commune").n_unique())
    # Postal code and label settle a commune when the code is of its department and no neighbour bears its
    # name.
    doubtful = (
        shared.join(homonyms, on=["code_postal", "_cle"])
        .group_by("code_commune")
        .agg(
            _doute=(
                (pl.col("_n") > 1) | (pl.col("code_postal").str.slice(0, 2) != pl.col("code_departement"))
            ).any()
        )
    )
    known = (
        known.join(former, on="code_commune", how="left", maintain_order="left")
        .join(doubtful, on="code_commune", how="left", maintain_order="left")
        .with_columns(
            sans_code=~pl.col("_doute").fill_null(True),
            nom_unique=pl.len().over("code_departement", "_cle") == 1,
        )
    )
    known = known.with_columns(cedex=_cedex_codes(known, codes_postaux)).drop("_cle", "_doute")
    rows = rows.join(known.select("code_commune", "c"), on="code_commune", how="inner", maintain_order="left")
    numbered, places = rows.filter(~pl.col("lieu_dit")), rows.filter("lieu_dit")
    first, count = _ranges(numbered, known.height)
    first_place, count_places = _ranges(places, known.height)
    ambiguous = (
        shared.group_by("code_postal")
        .agg(pl.col("code_commune").n_unique().alias("_n"), pl.col("code_departement").n_unique().alias("_d"))
        .filter((pl.col("_n") > 1) & (pl.col("_d") == 1))
        .select("code_postal", code_departement=pl.col("code_postal").str.slice(0, 2))
        .join(known.select("code_departement"), on="code_departement", how="semi")
        .sort("code_postal")
    )
    return Carnet(known, numbered, places, first, count, first_place, count_places, ambiguous)


def label_key(label: pl.Expr) -> pl.Expr:
    """Upper-case name of a commune with its saints abbreviated, as many registers write it."""
    words = pl.lit(" ") + capitales(label) + pl.lit(" ")
    return words.str.replace_many({" SAINTE ": " STE ", " SAINT ": " ST "}).str.strip_chars(" ")


def _ranges(rows: pl.DataFrame, communes: int) -> tuple[Ints, Ints]:
    count = np.bincount(rows["c"].to_numpy(), minlength=communes).astype(np.int64)
    return np.concatenate([[0], np.cumsum(count)[:-1]]), count


def _cedex_codes(known: pl.DataFrame, codes_postaux: pl.DataFrame) -> pl.Series:
    """A CEDEX code for each larger commune: one that is nobody's ordinary postal code."""
    taken = set(codes_postaux["code_postal"].to_list())
    own = dict(
        codes_postaux.sort("code_postal", descending=True).select("code_commune", "code_postal").iter_rows()
    )
    codes: list[str | None] = []
    for code, departement, population, unique in known.select(
        "code_commune",
        "code_departement",
        "population",
        _unique=pl.len().over("code_departement", "_cle") == 1,
    ).iter_rows():
        postal = own.get(code, "")
        if population < _CEDEX_POPULATION or not unique or not postal.startswith(departement):
            codes.append(None)
            continue
        # The last digits go downwards from 99 as La Poste's do; the next hundreds when those are taken.
        free = next(
            candidate
            for hundred in range(int(postal[2]), int(postal[2]) + 10)
            for last in (*range(91, 100), *range(1, 91))
            if (candidate := f"{departement}{hundred % 10}{last:02d}") not in taken
        )
        taken.add(free)
        codes.append(free)
    return pl.Series(codes, dtype=pl.String)
