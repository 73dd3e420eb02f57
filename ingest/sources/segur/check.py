"""Monthly rows: every delivered value resolved, every line that cannot be kept told why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from ingest.source import REJECTS_SCHEMA
from ingest.sources.segur.nomenclature import Nomenclature, actor_of, month_of, service_of
from ingest.sources.segur.reading import COLUMNS
from lake.catalog.segur import DIMENSIONS, FINESS, KEY, MESURES, VALEUR_MAX

_CELL = ("code_region", "code_departement", "type_acteur", "profession")
_FORMER = {name: f"__{name}" for name in COLUMNS["mesures"]}


@dataclass
class Checked:
    """Monthly rows that can be published, and the others.

    Attributes:
        frame: columns of ``segur__mesures``.
        rejects: rejected lines (``REJECTS_SCHEMA``).
        doublons: exact duplicates set aside.
        attributed: rejected lines by ``mois``, ``indicateur`` (``rejetees``), where both are known.
        unnamed: structures that have no name in the lake.
    """

    frame: pl.DataFrame
    rejects: pl.DataFrame
    doublons: int
    attributed: pl.DataFrame
    unnamed: int


def check(rows: pl.DataFrame, names: Nomenclature, today: date) -> Checked:
    """Resolve and check delivered monthly rows.

    Args:
        rows: text columns of the kind ``mesures``, with ``ligne`` and ``fichier``.
        names: what values may say.
        today: a month after it is refused.
    """
    read = _resolved(rows, names)
    reasons = _reasons(names, today)
    broken = pl.any_horizontal(condition for condition, _ in reasons)
    bad = read.filter(broken).with_columns(
        motif=pl.concat_list(pl.when(condition).then(pl.lit(said)) for condition, said in reasons)
        .list.drop_nulls()
        .list.join(" ; ")
    )
    good = read.filter(~broken)
    good, twice, doublons = _without_duplicates(good)
    good, scattered = _in_one_place(good, names)
    refused = pl.concat([bad, twice, scattered], how="diagonal_relaxed")
    structures = good.get_column("structure").drop_nulls().unique()
    return Checked(
        frame=good.select(MESURES.columns),
        rejects=_rejects(refused),
        doublons=doublons,
        attributed=refused.filter(pl.col("mois").is_not_null() & pl.col("indicateur").is_not_null())
        .group_by("mois", "indicateur")
        .agg(rejetees=pl.len().cast(pl.Int64)),
        unnamed=structures.filter(~structures.is_in(list(names.structures))).len(),
    )


def _resolved(rows: pl.DataFrame, names: Nomenclature) -> pl.DataFrame:
    """Typed values beside the delivered texts (``__name``); null where a text says nothing known."""
    read = rows.rename(_FORMER)
    read = read.with_columns(
        _mapped(read, "mois", month_of, pl.Date),
        _mapped(read, "service", service_of),
        _mapped(read, "code_region", names.region),
        _mapped(read, "code_departement", names.departement),
        _mapped(read, "type_acteur", actor_of),
        _mapped(read, "profession", names.profession),
        editeur=pl.col("__editeur"),
        structure=pl.col("__structure").str.to_uppercase(),
        valeur=_number("__valeur"),
    )
    pairs = read.select("service", "__indicateur").unique().drop_nulls("__indicateur")
    codes = pairs.with_columns(
        indicateur=pl.Series(
            [names.indicateur(value, service) for service, value in pairs.iter_rows()], dtype=pl.String
        )
    )
    read = read.join(codes, on=["service", "__indicateur"], how="left", nulls_equal=True)
    own = {code: str(line["service"]) for code, line in names.indicateurs.items()}
    if names.structures:
        place = pl.col("structure").replace_strict(names.structures, default=None, return_dtype=pl.String)
        # Only a row without any territory takes that of its structure.
        bare = pl.col("__code_departement").is_null() & pl.col("__code_region").is_null()
        read = read.with_columns(
            code_departement=pl.when(bare).then(place).otherwise(pl.col("code_departement"))
        )
    return read.with_columns(
        service_attendu=pl.col("indicateur").replace_strict(own, default=None, return_dtype=pl.String),
        region_du_departement=pl.col("code_departement").replace_strict(
            dict(names.region_of), default=None, return_dtype=pl.String
        ),
    ).with_columns(
        service=pl.when(pl.col("__service").is_null())
        .then(pl.col("service_attendu"))
        .otherwise(pl.col("service")),
        code_region=pl.when(pl.col("__code_region").is_null())
        .then(pl.col("region_du_departement"))
        .otherwise(pl.col("code_region")),
    )


def _mapped(read: pl.DataFrame, name: str, say: Callable[[str], Any], dtype: Any = pl.String) -> pl.Expr:
    """A column through a function of its distinct values."""
    values = read.get_column(f"__{name}").drop_nulls().unique().to_list()
    found = {value: say(value) for value in values}
    return pl.col(f"__{name}").replace_strict(found, default=None, return_dtype=dtype).alias(name)


_SPACES = r"[\s\u00a0\u202f'’]"
_GROUPS = {mark: rf"^[1-9]\d{{0,2}}(?:\{mark}\d{{3}})+$" for mark in (".", ",")}


def _number(name: str) -> pl.Expr:
    """A number as written in French or in English, thousands grouped by spaces or apostrophes; null if it is none.

    « 12.500 » or « 12,500 » writes twelve thousand five hundred, since counts are whole. « 1.000 » alone could be one
    with three decimals: it is a thousand where the delivery groups another number by the same sign, else it is
    ambiguous (:func:`_ambiguous`) and refused.
    """
    bare = pl.col(name).str.replace_all(_SPACES, "")
    grouped = pl.any_horizontal(bare.str.contains(form) for form in _GROUPS.values())
    plain = bare.str.replace(",", ".", literal=True)
    return (
        pl.when(grouped)
        .then(bare.str.replace_all(r"[.,]", ""))
        .otherwise(plain)
        .cast(pl.Float64, strict=False)
    )


def _ambiguous(name: str) -> pl.Expr:
    """Numbers such as « 1.000 » in a delivery of which nothing tells that this sign groups thousands."""
    bare = pl.col(name).str.replace_all(_SPACES, "")
    doubts = []
    for mark, form in _GROUPS.items():
        grouped = bare.str.contains(form).fill_null(False)
        zeros = bare.str.contains(rf"^[^{mark}]*\{mark}000$").fill_null(False)
        doubts.append(grouped & zeros & ~(grouped & ~zeros).any())
    return pl.any_horizontal(doubts)


def _reasons(names: Nomenclature, today: date) -> list[tuple[pl.Expr, str]]:
    """The conditions under which a line is refused, with what is said of it."""

    def unknown(name: str) -> pl.Expr:
        return pl.col(f"__{name}").is_not_null() & pl.col(name).is_null()

    def of_catalogue(field: str, dtype: Any) -> pl.Expr:
        found = {code: line[field] for code, line in names.indicateurs.items()}
        return pl.col("indicateur").replace_strict(found, default=None, return_dtype=dtype)

    rates = [code for code, line in names.indicateurs.items() if line["combinaison"] == "ratio"]
    by_structure = [code for code, line in names.indicateurs.items() if line["compte"] == "structure"]
    value = pl.col("valeur")
    outside = (pl.col("mois") < of_catalogue("mois_debut", pl.Date)) | (
        pl.col("mois") > of_catalogue("mois_fin", pl.Date)
    )
    stray = pl.col("region_du_departement") != pl.col("code_region")
    is_number = value.is_finite().fill_null(False)
    conditions = [
        (pl.col("__mois").is_null(), "mois absent"),
        (unknown("mois"), "mois inconnu (le premier jour est attendu, AAAA-MM-01)"),
        (pl.col("mois") > today, "mois à venir"),
        (unknown("service"), "service inconnu"),
        (pl.col("__indicateur").is_null(), "indicateur absent"),
        (unknown("indicateur"), "indicateur inconnu"),
        (pl.col("service") != pl.col("service_attendu"), "indicateur d'un autre service"),
        (pl.col("indicateur").is_in(rates), "taux livré au lieu de ses deux termes"),
        (outside, "mois hors de la période couverte par l'indicateur"),
        (unknown("code_region"), "région inconnue"),
        (unknown("code_departement"), "département inconnu"),
        (stray, "département hors de sa région"),
        (unknown("profession"), "profession inconnue"),
        (~pl.col("structure").str.contains(FINESS), "numéro FINESS de forme inattendue"),
        (
            pl.col("indicateur").is_in(by_structure) & pl.col("structure").is_null(),
            "structure absente d'un compte de structures",
        ),
        (pl.col("__valeur").is_null(), "valeur absente"),
        (pl.col("__valeur").is_not_null() & ~is_number, "valeur non numérique"),
        (
            _ambiguous("__valeur"),
            "nombre ambigu (mille, ou un et trois décimales ?) : écrivez-le sans séparateur",
        ),
        (value < 0, "valeur négative"),
        (is_number & (value != value.round()), "valeur non entière (un taux se livre par ses deux termes)"),
        (is_number & (value > VALEUR_MAX), "valeur trop grande"),
    ]
    return [(condition.fill_null(False), said) for condition, said in conditions]


def _without_duplicates(good: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """One line a key: exact repeats are set aside, contradictions all refused (which one is right?)."""
    repeated = pl.struct(KEY).is_duplicated()
    several = good.filter(repeated)
    if several.is_empty():
        return good, several.with_columns(motif=pl.lit("")), 0
    contradicted = pl.col("valeur").n_unique().over(KEY) > 1
    several = several.with_columns(contradicted=contradicted)
    said = "mois livré deux fois avec des valeurs différentes pour le même indicateur et les mêmes dimensions"
    twice = several.filter("contradicted").with_columns(motif=pl.lit(said)).drop("contradicted")
    same = several.filter(~pl.col("contradicted")).drop("contradicted")
    kept = same.unique(KEY, keep="first", maintain_order=True)
    return pl.concat([good.filter(~repeated), kept]), twice, same.height - kept.height


def _in_one_place(good: pl.DataFrame, names: Nomenclature) -> tuple[pl.DataFrame, pl.DataFrame]:
    """In a count of structures, a structure stands in one territory, actor type and profession a month.

    That is what lets counts of several territories be added for one month: their sets do not overlap.
    """
    codes = [code for code, line in names.indicateurs.items() if line["compte"] == "structure"]
    counted = pl.col("indicateur").is_in(codes)
    rows = good.filter(counted)
    places = (
        rows.select("mois", "indicateur", "structure", *_CELL)
        .unique()
        .group_by("mois", "indicateur", "structure")
        .len()
        .filter(pl.col("len") > 1)
        .drop("len")
    )
    said = "structure comptée à deux endroits le même mois"
    if places.is_empty():
        return good, rows.clear().with_columns(motif=pl.lit(said))
    scattered = rows.join(places, on=["mois", "indicateur", "structure"], how="semi")
    kept = good.join(scattered.select("ligne", "fichier"), on=["ligne", "fichier"], how="anti")
    return kept, scattered.with_columns(motif=pl.lit(said))


def _rejects(refused: pl.DataFrame) -> pl.DataFrame:
    texts = [
        pl.col(f"__{name}").fill_null("") for name in ("mois", "service", "indicateur", *DIMENSIONS, "valeur")
    ]
    return (
        refused.select("fichier", "ligne", "motif", contenu=pl.concat_str(texts, separator=";"))
        .cast(REJECTS_SCHEMA)
        .sort("fichier", "ligne")
    )
