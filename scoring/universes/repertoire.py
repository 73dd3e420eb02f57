"""The universes of « Répertoire »: persons and establishments that answer a search, and what their cards say.

Their figures count; their rows (:func:`scoring.universes.engine.detail`) are the lists, best answers first, within
what the reader may see one by one.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from lake.catalog.annuaire import DIPLOMES, SAVOIR_FAIRE
from lake.catalog.finess import ETABLISSEMENTS as REGISTER
from lake.catalog.territoires import COMMUNES
from lake.contract import Table
from lake.errors import MissingTable
from scoring.annuaire import repertoire as asked
from scoring.annuaire.establishments import catalogue, practising_at
from scoring.annuaire.persons import COMMUNE, ETABLISSEMENT, PERSONNE, contacts
from scoring.annuaire.persons import PERSON as PERSON
from scoring.annuaire.search import Index, words_of
from scoring.universes.annuaire import ANNUAIRE, TERRITOIRES
from scoring.universes.directory import EVERY_FILTER, declared
from scoring.universes.engine import detail
from scoring.universes.memory import remembered
from scoring.universes.model import Axis, Kind, Measure, Scan, Term, Universe
from scoring.universes.parameters import Parameter
from scoring.universes.selection import Selection

FEWEST = 2
"""Letters from which a search begins: one letter would only list the alphabet."""
COMMUNES_OFFERED = 4
FAMILIES = {
    "toutes": "Toutes les familles",
    "hopital": "Hôpitaux",
    "centre_sante": "Centres de santé",
    "maison_sante": "Maisons de santé",
    "ehpad": "EHPAD",
    "pharmacie": "Pharmacies",
    "laboratoire": "Laboratoires",
    "autres": "Autres",
}
SEARCH = Parameter("recherche", "Recherche", pattern=r"(?s).{1,200}", form="des mots")
FAMILY = Parameter("famille", "Famille d'établissements", "toutes", FAMILIES)
WHO = Parameter("personne", "Personne", pattern=r"(?s).{1,400}", form="un identifiant national")
WHERE = Parameter("etablissement", "Établissement", pattern=r"(?s).{1,400}", form="un numéro FINESS")
_AXES = (*TERRITOIRES, *EVERY_FILTER)


def searched(selection: Selection) -> str:
    """What is searched; empty below two letters."""
    words = selection.parameter(SEARCH.name)
    return words if len("".join(words_of(words))) >= FEWEST else ""


def registered(scan: Scan) -> bool:
    """Whether the register of establishments was ever ingested."""

    def known() -> bool:
        try:
            scan(REGISTER).collect_schema()
        except MissingTable:
            return False
        return True

    return remembered(scan, "finess", [REGISTER], known)


def _only(selection: Selection) -> Selection:
    return Selection(dict(selection.filters), selection.date)


def directory(scan: Scan, selection: Selection, restrict: pl.Expr | None) -> pl.DataFrame:
    """The persons of a selection (kept)."""
    who = _only(selection)
    return remembered(
        scan,
        ("personnes", who),
        (ANNUAIRE.table, COMMUNES),
        lambda: asked.people(scan, who, restrict),
        size="large",
    )


def places(scan: Scan, selection: Selection, restrict: pl.Expr | None) -> pl.DataFrame:
    """The open establishments of a selection (kept)."""
    who = _only(selection)
    return remembered(
        scan,
        ("etablissements", who),
        asked.TABLES,
        lambda: asked.places(scan, who, restrict, registered=registered(scan)),
    )


def index(scan: Scan, selection: Selection, restrict: pl.Expr | None) -> Index:
    """The index of everyone, every establishment and every commune at a date (kept)."""
    everyone = Selection(date=selection.date)
    return remembered(
        scan,
        ("index", everyone),
        asked.TABLES,
        lambda: asked.index(scan, directory(scan, everyone, restrict), registered=registered(scan)),
        size="large",
    )


def _answers(scan: Scan, selection: Selection, restrict: pl.Expr | None) -> pl.DataFrame:
    """What answers the search among the selection's, best first; few are kept: each letter is another question."""
    words, who = searched(selection), _only(selection)

    def make() -> pl.DataFrame:
        people, known = directory(scan, selection, restrict), places(scan, selection, restrict)
        return asked.answers(index(scan, selection, restrict), words, people, known)

    return remembered(scan, ("reponses", words, who), asked.TABLES, make, size="passing")


def _ordered(found: pl.DataFrame, kind: str, rows: pl.DataFrame, key: str) -> pl.LazyFrame:
    order = found.lazy().filter(pl.col("genre") == kind).select(pl.col("code").alias(key), "proche")
    return order.join(rows.lazy(), on=key, how="inner", maintain_order="left")


def persons(
    scan: Scan, selection: Selection, _axes: Sequence[Axis], restrict: pl.Expr | None
) -> pl.LazyFrame:
    """The persons of the selection that answer, best first; all of them when nothing is searched."""
    everyone = directory(scan, selection, restrict)
    if not searched(selection):
        return everyone.lazy().with_columns(proche=pl.lit(False))
    return _ordered(_answers(scan, selection, restrict), PERSONNE, everyone, PERSON)


def sites(scan: Scan, selection: Selection, _axes: Sequence[Axis], restrict: pl.Expr | None) -> pl.LazyFrame:
    """The establishments of the selection and family that answer, likewise."""
    known = places(scan, selection, restrict)
    if searched(selection):
        rows = _ordered(_answers(scan, selection, restrict), ETABLISSEMENT, known, "finess")
    else:
        rows = known.lazy().with_columns(proche=pl.lit(False))
    family = selection.parameter(FAMILY.name)
    if family == "autres":
        return rows.filter(~pl.col("famille").is_in(list(FAMILIES)))
    return rows if family == "toutes" else rows.filter(pl.col("famille") == family)


def towns(scan: Scan, selection: Selection, _axes: Sequence[Axis], restrict: pl.Expr | None) -> pl.LazyFrame:
    """The communes whose name answers the search, whatever the filters; none when nothing is searched."""
    named = scan(COMMUNES).select("code_commune", nom=pl.format("{} ({})", "commune", "code_departement"))
    if not searched(selection):
        return named.clear()
    found = _answers(scan, selection, restrict).filter(pl.col("genre") == COMMUNE).select(code_commune="code")
    return found.head(COMMUNES_OFFERED).lazy().join(named, on="code_commune", maintain_order="left")


def activities(
    scan: Scan, selection: Selection, _axes: Sequence[Axis], restrict: pl.Expr | None
) -> pl.LazyFrame:
    """Every activity of a person in the extraction, whatever the filters, with the commune's name."""
    rows = detail(ANNUAIRE, scan, Selection(date=selection.date), restrict=restrict)
    communes = scan(COMMUNES).select("code_commune", "commune")
    mine = rows.filter(pl.col(PERSON) == selection.parameter(WHO.name))
    return mine.join(communes, on="code_commune", how="left").sort("ligne")


def training(
    scan: Scan, selection: Selection, _axes: Sequence[Axis], _restrict: pl.Expr | None
) -> pl.LazyFrame:
    """The savoir-faire, diplomas and authorisations of a person: ``genre``, ``libelle``, without repetition."""
    parts = [pl.LazyFrame(schema={"genre": pl.String, "libelle": pl.String})]
    for table, columns in (
        (SAVOIR_FAIRE, ("libelle_savoir_faire",)),
        (DIPLOMES, ("libelle_diplome", "libelle_type_autorisation")),
    ):
        try:
            rows = scan(table)
            rows.collect_schema()
        except MissingTable:
            continue
        mine = rows.filter(
            pl.col("date_extraction") == selection.date, pl.col(PERSON) == selection.parameter(WHO.name)
        )
        parts += [mine.select(genre=pl.lit(name), libelle=pl.col(name)) for name in columns]
    return pl.concat(parts).drop_nulls().unique(maintain_order=True)


def one_site(
    scan: Scan, selection: Selection, _axes: Sequence[Axis], restrict: pl.Expr | None
) -> pl.LazyFrame:
    """An establishment, open or closed, with everyone who practises there at the date."""
    number = selection.parameter(WHERE.name)
    if not registered(scan):
        empty = pl.LazyFrame(schema=REGISTER.dtypes())
        return catalogue(
            empty, detail(ANNUAIRE, scan, Selection(date=selection.date)).clear(), scan(COMMUNES)
        )
    rows = detail(ANNUAIRE, scan, Selection(date=selection.date), restrict=restrict)
    there = rows.filter(pl.col("finess_site") == number)
    return catalogue(scan(REGISTER).filter(pl.col("finess") == number), there, scan(COMMUNES), closed=True)


def staff(scan: Scan, selection: Selection, _axes: Sequence[Axis], restrict: pl.Expr | None) -> pl.LazyFrame:
    """Who practises in an establishment at the date, whatever the filters."""
    rows = detail(ANNUAIRE, scan, Selection(date=selection.date), restrict=restrict)
    return practising_at(rows, selection.parameter(WHERE.name))


def reach(scan: Scan, selection: Selection, axes: Sequence[Axis], restrict: pl.Expr | None) -> pl.LazyFrame:
    """Where the persons that answer practise and how to reach them, whatever the filters that found them."""
    rows = detail(ANNUAIRE, scan, Selection(date=selection.date), restrict=restrict)
    who = persons(scan, selection, axes, restrict).select(PERSON)
    return contacts(rows.join(who, on=PERSON, how="semi"), scan(COMMUNES))


def _listing(
    name: str,
    title: str,
    rows: object,
    measure: str,
    unit: str,
    key: str,
    parameters: Sequence[Parameter],
    tables: Sequence[Table] = asked.TABLES,
    source: str = ANNUAIRE.source,
) -> Universe:
    """A universe whose rows are a list, which counts its lines."""
    counts = Measure(
        measure, unit.capitalize(), unit, Kind.DISTINCT, f"{title} : {unit} distincts qui répondent.",
        value=Term(pl.col(key), distinct=True), alternative="Demandez le total sans --par.",
    )  # fmt: skip
    return declared(
        name,
        title,
        rows,  # type: ignore[arg-type]
        _AXES,
        (counts,),
        tables,
        parameters=parameters,
        source=source,
    )


_CARDS = (ANNUAIRE.table, COMMUNES)
REPERTOIRE = _listing(
    "repertoire",
    "Répertoire des professionnels",
    persons,
    "professionnels",
    "professionnels",
    PERSON,
    (SEARCH,),
)
ETABLISSEMENTS = _listing(
    "etablissements", "Répertoire des établissements", sites, "etablissements", "établissements", "finess",
    (SEARCH, FAMILY), source="FINESS ; ANS, Annuaire Santé",
)  # fmt: skip
VILLES = _listing(
    "communes_trouvees", "Communes trouvées", towns, "communes", "communes", "code_commune", (SEARCH,)
)
FICHE = _listing(
    "fiche", "Activités d'une personne", activities, "activites", "activités", "ligne", (WHO,), _CARDS
)
FORMATION = _listing(
    "formation", "Formation d'une personne", training, "libelles", "libellés", "libelle", (WHO,),
    (DIPLOMES, SAVOIR_FAIRE),
)  # fmt: skip
ETABLISSEMENT_OUVERT = _listing(
    "etablissement",
    "Fiche d'un établissement",
    one_site,
    "etablissements",
    "établissements",
    "finess",
    (WHERE,),
)
EXERCENT = _listing(
    "exercent",
    "Professionnels d'un établissement",
    staff,
    "professionnels",
    "professionnels",
    PERSON,
    (WHERE,),
)
CONTACTS = _listing("contacts", "Lieux et contacts", reach, "personnes", "personnes", PERSON, (SEARCH,))
