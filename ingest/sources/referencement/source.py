"""The ``referencement`` source: catalogues of referenced software, each kept at its date."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from ingest.files import delimited
from ingest.source import REJECTS_SCHEMA, Context, Fall, Parsed, Snapshot
from lake.catalog import referencement as catalog
from lake.contract import Table
from lake.errors import ContractError
from lake.text import fold, folded, tidy

_DATE = re.compile(r"(20\d{2})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_COLUMNS = (
    "produit", "nom", "editeur", "siren", "version", "couloir", "dispositif", "vague", "statut",
    "date_referencement", "date_retrait", "services",
)  # fmt: skip
_OPTIONAL = frozenset({"siren", "vague", "date_retrait", "services"})
_LINKS = ("societe", "univers", "nom")
_KEY = ("produit", "couloir", "dispositif")


class Referencement:
    """Source ``referencement`` (see :class:`ingest.source.Source`)."""

    name = "referencement"
    title = "Référencement Ségur"
    licence = catalog.LICENCE
    tables: tuple[Table, ...] = catalog.TABLES
    budget = 0.02
    falls: tuple[Fall, ...] = (Fall(catalog.PRODUITS, rows=0.3, dated="date_catalogue"),)
    depends: tuple[Table, ...] = ()

    def urls(self, region: str) -> Mapping[str, str]:  # noqa: ARG002 — no open layout is published
        """No file is published in the open: it is received, or made from the public pages."""
        return {}

    def date_of(self, paths: Sequence[Path]) -> date | None:
        """The date that the files' names announce, when it is a single one (``referencement_2024-02-27.csv``)."""
        days = {date.fromisoformat(found[0]) for path in paths if (found := _DATE.search(path.name))}
        return days.pop() if len(days) == 1 else None

    def parse(self, snapshot: Snapshot, context: Context) -> Iterator[Parsed]:
        """Read the catalogue, and the names that companies bear elsewhere when they are given.

        Raises:
            ContractError: no catalogue or several, a missing column, or no date.
        """
        catalogues: list[delimited.Rows] = []
        for file in snapshot.files:
            context.say(f"Lecture de {file.name}", None)
            rows = delimited.read(file.path, file.name)
            if set(_LINKS) <= set(rows.columns):
                yield _links(rows)
                continue
            if missing := [one for one in _COLUMNS if one not in rows.columns and one not in _OPTIONAL]:
                raise ContractError(
                    f"{file.name}, ligne 1 : il manque {', '.join(missing)}.",
                    conseil=f"Colonnes attendues : {', '.join(_COLUMNS)}.",
                )
            catalogues.append(rows)
        if len(catalogues) != 1:
            raise ContractError(
                f"Il faut un catalogue du référencement, pas {len(catalogues)}.",
                conseil="Écrivez : obs ingest referencement referencement_2024-02-27.csv.",
            )
        if snapshot.date is None:
            raise ContractError(
                "La date du catalogue n'est pas dans le nom du fichier.",
                conseil="Annoncez-la : --date 2024-02-27.",
            )
        yield _catalogue(catalogues[0], snapshot.date)


SOURCE = Referencement()


def _links(rows: delimited.Rows) -> Parsed:
    """The declared names of companies elsewhere; the whole table is replaced."""
    cleaned = rows.frame.with_columns(tidy(pl.col(one)).alias(one) for one in _LINKS).with_columns(
        societe=company(pl.col("societe"), pl.col("societe")), univers=folded(pl.col("univers"))
    )
    checked = cleaned.with_columns(
        motif=_first(
            (pl.any_horizontal(pl.col(*_LINKS).is_null()), "cellule vide"),
            (~pl.col("univers").is_in(catalog.UNIVERS), "univers inconnu (segur ou convergence)"),
        )
    )
    good = checked.filter(pl.col("motif").is_null()).select(_LINKS)
    kept = good.unique(maintain_order=True)
    refused = _rejects(checked, rows)
    return Parsed(
        table=catalog.CORRESPONDANCES,
        frame=kept,
        lues=rows.lues,
        doublons=good.height - kept.height,
        rejects=refused,
        warnings=list(rows.warnings),
        file=rows.name,
    )


def _catalogue(rows: delimited.Rows, day: date) -> Parsed:
    """A catalogue at its date."""
    absent = [pl.lit(None, pl.String).alias(one) for one in _COLUMNS if one not in rows.columns]
    read = rows.frame.with_columns(*absent).with_columns(tidy(pl.col(one)).alias(one) for one in _COLUMNS)
    services = folded(pl.col("services").fill_null("")).str.replace_all(r"[\s-]+", "").str.split("|")
    typed = read.with_columns(
        siren=pl.col("siren").str.replace_all(r"\s", ""),
        couloir=pl.col("couloir").str.to_uppercase(),
        statut=folded(pl.col("statut")),
        vague=pl.col("vague").fill_null("1").cast(pl.Int64, strict=False),
        referencement=_day("date_referencement"),
        retrait=_day("date_retrait"),
        services=services.list.eval(pl.element().filter(pl.element() != "")),
    )
    known = pl.col("services").list.eval(pl.element().is_in(list(catalog.SERVICES_SOCLES))).list.all()
    obliged = [one for one in _COLUMNS if one not in _OPTIONAL]
    checked = typed.with_columns(
        motif=_first(
            *((pl.col(one).is_null(), f"{one} absent") for one in obliged),
            (~pl.col("couloir").is_in(list(catalog.COULOIRS)), "couloir inconnu"),
            (
                ~pl.col("statut").is_in(list(catalog.STATUTS)),
                "statut inconnu (référencé, suspendu ou retiré)",
            ),
            (pl.col("vague").is_null(), "vague illisible"),
            (pl.col("referencement").is_null(), "date_referencement illisible"),
            (pl.col("retrait").is_null() & pl.col("date_retrait").is_not_null(), "date_retrait illisible"),
            (~pl.col("siren").str.contains(catalog.SIREN), "SIREN de forme inattendue (neuf chiffres)"),
            (~known, "service socle inconnu"),
            (pl.col("retrait") < pl.col("referencement"), "retrait antérieur au référencement"),
        )
    )
    good = checked.filter(pl.col("motif").is_null())
    once = good.unique([*_COLUMNS], keep="first", maintain_order=True)
    version = [*_KEY, "version"]
    twice = once.is_duplicated() if once.is_empty() else once.select(version).is_duplicated()
    alike = once.filter(twice).with_columns(motif=pl.lit("même version deux fois, avec un autre contenu"))
    frame = stated(once.filter(~twice), day)
    return Parsed(
        table=catalog.PRODUITS,
        frame=frame,
        lues=rows.lues,
        doublons=good.height - once.height,
        rejects=pl.concat([_rejects(checked, rows), _refused(alike, rows)]).sort("ligne"),
        replace={"date_catalogue": [day]},
        warnings=list(rows.warnings),
        figures=_figures(frame),
        file=rows.name,
    )


def stated(rows: pl.DataFrame, day: date) -> pl.DataFrame:
    """What each line is at the catalogue's date, and who its company is.

    Args:
        rows: the checked lines: ``_COLUMNS``, ``referencement`` and ``retrait`` (Date), ``services`` (list).
        day: the catalogue's date.

    Returns:
        DataFrame: the columns of ``referencement__produits``.
    """
    # A line without SIREN is of the company that bears the same name elsewhere in the catalogue, when it is one.
    alike = folded(pl.col("editeur"))
    sirens = pl.col("siren").drop_nulls()
    whose = pl.when(sirens.n_unique().over(alike) == 1).then(sirens.first().over(alike))
    identified = rows.with_columns(siren=pl.coalesce("siren", whose)).with_columns(
        societe=company(pl.col("siren"), pl.col("editeur"))
    )
    # Of the versions of one software, couloir and dispositif known that day, the newest says the state; of two of
    # one day, the one that the file gives last.
    known = pl.col("referencement") <= day
    order = identified.sort("referencement", "ligne").with_row_index("_rang")
    order = order.with_columns(
        _last=known & (pl.col("_rang") == pl.col("_rang").filter(known).max().over(*_KEY))
    )
    gone = pl.col("retrait").is_not_null() & (pl.col("retrait") <= day)
    # A withdrawal that is dated later still counts that day; one without date is taken as done.
    over = gone | pl.col("retrait").is_null()
    state = (
        pl.when(~known)
        .then(pl.lit("a_venir"))
        .when(~pl.col("_last"))
        .then(pl.lit("remplace"))
        .when((pl.col("statut") != "reference") & over)
        .then(pl.col("statut"))
        .when(gone)
        .then(pl.lit("retire"))
        .otherwise(pl.lit("reference"))
    )
    return order.with_columns(
        date_catalogue=pl.lit(day),
        etat=state,
        editeur_publie=pl.col("editeur"),
        editeur=pl.col("editeur").last().over("societe"),
        nom=pl.col("nom").last().over("produit"),
        date_referencement=pl.col("referencement"),
        date_retrait=pl.col("retrait"),
        **{f"integre_{one}": pl.col("services").list.contains(one) for one in catalog.SERVICES_SOCLES},
    ).select(catalog.PRODUITS.columns)


def company(siren: pl.Expr, name: pl.Expr) -> pl.Expr:
    """Who a company is: its SIREN, else its name without accents nor case."""
    digits = siren.str.replace_all(r"\s", "")
    return pl.when(digits.str.contains(catalog.SIREN)).then(digits).otherwise(pl.lit("nom:") + folded(name))


def company_of(text: str) -> str:
    """The same, of one text: a SIREN or a name."""
    digits = "".join(text.split())
    return digits if re.fullmatch(catalog.SIREN, digits) else f"nom:{fold(text)}"


def _day(column: str) -> pl.Expr:
    text = pl.col(column)
    return pl.coalesce(text.str.to_date("%Y-%m-%d", strict=False), text.str.to_date("%d/%m/%Y", strict=False))


def _first(*checks: tuple[pl.Expr, str]) -> pl.Expr:
    """The first reason that holds; null for none."""
    return pl.coalesce(pl.when(broken.fill_null(False)).then(pl.lit(why)) for broken, why in checks)


def _rejects(checked: pl.DataFrame, rows: delimited.Rows) -> pl.DataFrame:
    return pl.concat([rows.rejects, _refused(checked.filter(pl.col("motif").is_not_null()), rows)])


def _refused(lines: pl.DataFrame, rows: delimited.Rows) -> pl.DataFrame:
    named = lines.select(pl.lit(rows.name).alias("fichier"), "ligne", "motif", "contenu")
    return named.cast(REJECTS_SCHEMA)


def _figures(frame: pl.DataFrame) -> dict[str, float | int | str]:
    now = frame.filter(pl.col("etat") == "reference")
    return {
        "référencements en vigueur": now.height,
        "logiciels référencés": now["produit"].n_unique(),
        "sociétés": now["societe"].n_unique(),
    }
