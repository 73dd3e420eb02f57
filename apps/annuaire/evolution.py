"""« Évolution »: who arrived, who left, who moved between any two extractions."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from apps.annuaire.base import BASE, counted
from apps.annuaire.words import people, where, who
from apps.kit.charts.charts import Chart, bars
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column, Table
from apps.kit.data.method import Method
from apps.kit.data.view import View
from apps.kit.filters.filters import Choice, Option, Snapshot, Territory
from apps.kit.filters.inputs import Since
from apps.kit.maps.maps import Map, choropleth, diverging
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from lake.catalog.territoires import DEPARTEMENTS, FUSIONS
from lake.errors import LakeError
from scoring.annuaire import evolution as asked
from scoring.annuaire.changes import PERSON, PROFESSION, TERRITORY, WHOLE
from scoring.annuaire.counting import Base
from scoring.annuaire.identities import said as renumbered
from scoring.annuaire.inside import everywhere
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.model import Format

PERSONS = replace(
    BASE,
    values={b: BASE.values[b] for b in (Base.PERSONNES, Base.PERSONNES_PRINCIPAL)},
    help="Au lieu principal, chaque personne compte dans un seul territoire : les territoires s'additionnent.",
)
"""The counting base, as far as persons can be followed."""
SINCE = Since("depuis", "Comparée à l'extraction du")
MESH_WORDS = {"epci": "EPCI", "departement": "Départements", "commune": "Communes"}
UNKNOWN = {"epci": "EPCI inconnu", "departement": "Département inconnu", "commune": "Commune inconnue"}
LISTS = {
    "arrivees": "Arrivées",
    "departs": "Départs",
    "entrees": "Entrées",
    "sorties": "Sorties",
    "deplacements": "Déplacements",
    "changements_mode": "Changements de mode",
    "bascules": "Changements de numéro",
}
_TABLES = (ANNUAIRE.table, DEPARTEMENTS, FUSIONS)
_METHOD = (
    Method(
        "Arrivées et départs",
        "Une personne arrive quand elle n'était nulle part dans la région à la première date, part quand elle n'y "
        "est plus nulle part à la seconde, dans les professions et spécialités choisies. Une entrée vient d'un "
        "autre territoire de la région, une sortie y va. Pour chaque territoire, à l'unité : début + arrivées + "
        "entrées − départs − sorties = fin.",
        "Ne mesure ni l'installation ni la cessation d'activité : un départ est une disparition de l'extraction, "
        "qui peut venir d'une carte expirée ou d'un retard de saisie.",
    ),
    Method(
        "Changements de numéro",
        "Une personne passée du répertoire ADELI au RPPS est reconnue si son nom, son prénom, sa profession et sa "
        "commune sont les mêmes, et seule à les porter : elle n'est ni arrivée ni partie. Qui porte les deux numéros "
        "dans une extraction y compte deux fois, ici comme ailleurs.",
    ),
    Method(
        "Déplacements et changements de mode",
        "Personnes présentes aux deux dates dans le territoire, dont l'ensemble des communes, ou des modes "
        "d'exercice, y a changé. Deux communes fusionnées sont comparées sous leur code actuel.",
    ),
)
COUNTS = (
    Column("debut", "Début", Format.INTEGER),
    Column("arrivees", "Arrivées", Format.INTEGER, help="Nulle part dans la région à la première date."),
    Column("entrees", "Entrées", Format.INTEGER, help="Venues d'un autre territoire de la région."),
    Column("departs", "Départs", Format.INTEGER, help="Nulle part dans la région à la seconde date."),
    Column("sorties", "Sorties", Format.INTEGER, help="Parties dans un autre territoire de la région."),
    Column("fin", "Fin", Format.INTEGER),
    Column("ecart", "Écart", Format.INTEGER, change=True),
    Column(
        "deplacements", "Déplacements", Format.INTEGER, help="Présentes aux deux dates, communes changées."
    ),
    Column("changements_mode", "Mode changé", Format.INTEGER, help="Présentes aux deux dates, mode changé."),
    Column("bascules", "Numéro changé", Format.INTEGER, help="D'ADELI à RPPS : ni arrivée, ni départ."),
)


def compared(view: View, apart: str = "") -> asked.Comparaison:
    """The two extractions, made comparable (kept for the views of the page).

    Args:
        view: what the reader selected.
        apart: an axis whose filter is left out: a view that filters an axis shows all of its values.

    Raises:
        LakeError: there is no earlier extraction.
    """
    before, after = SINCE.read(view), view.date
    if before is None or after is None:
        raise LakeError(
            f"Aucune extraction n'est plus ancienne que celle du {view.date_in_words()} : rien à comparer.",
            conseil="Choisissez une extraction plus récente dans la colonne de gauche.",
        )
    selection = view.selection.without(apart).at(after) if apart else view.selection.at(after)
    scope = everywhere(selection)
    principal = _principal(view)

    def compute() -> asked.Comparaison:
        return asked.compare(
            view.data.scan,
            scope,
            before,
            after,
            principal=principal,
            restrict=view.data.access.restrict,
        )

    found: asked.Comparaison = view.data.kept(("evolution", scope, before, principal), _TABLES, compute)
    return replace(found, selection=selection)


def _principal(view: View) -> bool:
    return counted(view).base is Base.PERSONNES_PRINCIPAL


def counts(view: View, mesh: str = WHOLE, *, by_profession: bool = False, apart: str = "") -> pl.DataFrame:
    """The figures of a mesh (cached): see :func:`scoring.annuaire.evolution.counts`."""
    scope = compared(view, apart)
    name = ("evolution", scope.selection, scope.avant, mesh, by_profession, _principal(view))
    frame: pl.DataFrame = view.data.cached(
        name, _TABLES, lambda: asked.counts(scope, mesh, by_profession=by_profession)
    )
    return frame


def whole(view: View) -> dict[str, int]:
    """The figures of all that is selected, 0 where there is nobody."""
    frame = counts(view)
    names = [*(column.name for column in COUNTS), "arrivees_connues", "departs_connus"]
    return dict(frame.row(0, named=True)) if frame.height else dict.fromkeys(names, 0)


def named(view: View, frame: pl.DataFrame, column: str, mesh: str) -> pl.Expr:
    """The names of the territories of a column of codes."""
    words = {code: view.word(mesh, code) for code in frame[column].drop_nulls().unique()}
    words |= {asked.OUTSIDE: "hors de la sélection", WHOLE: "Ensemble"}
    return pl.col(column).replace(words).fill_null(UNKNOWN[mesh])


def identity(total: dict[str, int]) -> str:
    """The closing identity in figures: ``122 408 + 2 030 arrivées − 1 390 départs = 123 048``."""
    parts = [french.number(total["debut"])]
    for sign, name, one in (
        ("+", "arrivees", "arrivée"),
        ("+", "entrees", "entrée"),
        (french.MINUS, "departs", "départ"),
        (french.MINUS, "sorties", "sortie"),
    ):
        if name in ("arrivees", "departs") or total[name]:
            parts.append(f"{sign} {french.counted(total[name], one)}")
    gained = total["arrivees"] + total["entrees"] - total["departs"] - total["sorties"]
    sign = "=" if total["debut"] + gained == total["fin"] else "≠"
    return f"{' '.join(parts)} {sign} {french.number(total['fin'])}"


def question(view: View) -> str:
    """« Qui est arrivé, qui est parti parmi les médecins ? »"""
    return f"Qui est arrivé, qui est parti parmi les {who(view)} ?"


def reading(view: View) -> str:
    """Arrivals, departures, moves, in one or two sentences."""
    scope, total = compared(view), whole(view)
    said = f" {counted(view).sums}" if _principal(view) else ""
    period = f"du {french.long_date(scope.avant)} au {french.long_date(scope.apres)}"
    came, left = total["arrivees"] + total["entrees"], total["departs"] + total["sorties"]
    moved = (
        f"{french.counted(total['deplacements'], 'personne a changé', 'personnes ont changé')} de commune et "
        f"{french.number(total['changements_mode'])} de mode d'exercice."
    )
    return (
        f"{where(view)}, {period} : {french.counted(came, 'personne de plus', 'personnes de plus')}, "
        f"{french.number(left)} de moins, soit {french.signed(total['ecart'])}. {moved}{said}"
        f"{' ' + renumbered(total) if renumbered(total) else ''}"
    )


def figures(view: View) -> Figures:
    """Start and end, arrivals, departures, modes."""
    scope, total = compared(view), whole(view)
    since = f"depuis le {french.long_date(scope.avant)}"
    return Figures(
        [
            Figure(
                "Professionnels",
                french.number(total["fin"]),
                french.change(total["fin"], total["debut"], since=since),
                help=view.universe.measure(counted(view).effectif).definition,
            ),
            Figure(
                "Arrivées",
                french.number(total["arrivees"]),
                reference=f"et {french.counted(total['entrees'], 'entrée')} depuis le reste de la région"
                if total["entrees"]
                else "absents de la région avant",
            ),
            Figure(
                "Départs",
                french.number(total["departs"]),
                reference=f"et {french.counted(total['sorties'], 'sortie')} vers le reste de la région"
                if total["sorties"]
                else "absents de la région après",
            ),
            Figure(
                "Déplacements",
                french.number(total["deplacements"]),
                reference=f"et {french.counted(total['changements_mode'], 'changement')} de mode d'exercice",
            ),
        ]
    )


def territories(view: View, *, apart: bool = False) -> tuple[pl.DataFrame, str]:
    """The figures of each territory of the mesh chosen, names included, and the mesh.

    With ``apart``, those too that a filter of the same mesh leaves out.
    """
    mesh = view.option("maille")
    frame = counts(view, mesh, apart=mesh if apart else "")
    rows = frame.with_columns(nom=named(view, frame, TERRITORY, mesh))
    return rows.sort("ecart", "nom"), mesh


def carte(view: View) -> Map:
    """Net change of each territory."""
    rows, mesh = territories(view, apart=True)
    scale = Scale(Format.INTEGER, "personnes de plus ou de moins")
    spec, classes = choropleth(
        view, mesh, rows, TERRITORY, "ecart", scale, classes=diverging(rows["ecart"], scale)
    )
    fall, rise = rows.filter(pl.col("ecart") < 0).height, rows.filter(pl.col("ecart") > 0).height
    words = MESH_WORDS[mesh].lower() if mesh != "epci" else "EPCI"
    return Map(
        spec,
        ledger(view),
        classes,
        mesh,
        unit="personnes, en plus ou en moins",
        title="Où leur nombre change-t-il ?",
        reading=f"Il baisse dans {french.number(fall)} {words} et monte dans {french.number(rise)}.",
        alt="Carte des écarts par territoire ; les mêmes chiffres sont dans le tableau.",
        picks=mesh,
        counted=people(whole(view)["fin"]),
        measures=_METHOD,
    )


def ledger(view: View) -> Table:
    """Every territory's ledger, the most losing first, and its closing identity."""
    rows, mesh = territories(view)
    total = whole(view)
    return Table(
        rows,
        (Column("nom", MESH_WORDS[mesh].removesuffix("s")), *COUNTS),
        dict(total),
        key=TERRITORY,
        title="Le bilan de chaque territoire",
        reading=f"Le compte ferme, à l'unité : {identity(total)}.",
        counted=people(total["fin"]),
        measures=_METHOD,
    )


def professions(view: View) -> Chart:
    """Arrivals by profession, and every profession's ledger."""
    frame = counts(view, by_profession=True, apart="profession")
    names = {code: view.word("profession", code) for code in frame[PROFESSION].drop_nulls()}
    rows = frame.with_columns(profession=pl.col(PROFESSION).replace(names).fill_null("Non renseignée"))
    rows = rows.sort("fin", "profession", descending=[True, False])
    first = rows.sort("arrivees", descending=True).row(0, named=True) if rows.height else None
    return Chart(
        bars(rows, "profession", "arrivees", Scale(title="arrivées"), code=PROFESSION, most=12),
        Table(rows, (Column("profession", "Profession"), *COUNTS), key=PROFESSION),
        title="Dans quelles professions arrive-t-on ?",
        reading=f"Le plus d'arrivées : {first['profession']} ({french.number(first['arrivees'])}, pour "
        f"{french.counted(first['departs'], 'départ')})."
        if first
        else "",
        picks="profession",
        counted=french.counted(rows.height, "profession"),
        measures=_METHOD,
    )


def journeys(view: View) -> Table:
    """From where to where."""
    scope, mesh = compared(view), view.option("maille")
    name = ("evolution", scope.selection, scope.avant, mesh, "trajets", _principal(view))
    frame: pl.DataFrame = view.data.cached(name, _TABLES, lambda: asked.journeys(scope, mesh))
    rows = frame.select(
        named(view, frame, "origine", mesh).alias("de"),
        named(view, frame, "destination", mesh).alias("vers"),
        "personnes",
    )
    total = int(frame["personnes"].sum())
    return Table(
        rows,
        (Column("de", "De"), Column("vers", "Vers"), Column("personnes", "Personnes", Format.INTEGER)),
        title="D'où viennent-ils, où vont-ils ?",
        reading="Une personne qui quitte deux territoires pour un troisième fait deux trajets.",
        counted=french.counted(total, "trajet"),
        measures=_METHOD,
    )


def persons(view: View) -> Table:
    """The persons behind the figure chosen."""
    scope, count = compared(view), view.option("liste")
    name = ("evolution", scope.selection, scope.avant, "liste", count, _principal(view))

    def compute() -> pl.DataFrame:
        return asked.people(scope, count, view.data.scan, restrict=view.data.access.restrict)

    frame: pl.DataFrame = view.data.cached(name, _TABLES, compute)
    communes = {code: view.word("commune", code) for code in _codes(frame, "communes")}
    modes = {code: view.word("mode_exercice", code) for code in _codes(frame, "modes")}
    shown = frame.select(
        PERSON,
        "nom",
        "prenom",
        "profession",
        *(_words(f"communes_{when}", communes) for when in ("avant", "apres")),
        *(_words(f"modes_{when}", modes) for when in ("avant", "apres")),
    )
    return Table(
        shown,
        (
            Column("nom", "Nom"),
            Column("prenom", "Prénom"),
            Column("profession", "Profession"),
            Column("communes_avant", "Communes avant"),
            Column("communes_apres", "Communes après"),
            Column("modes_avant", "Mode avant"),
            Column("modes_apres", "Mode après"),
        ),
        key=PERSON,
        title="Qui est derrière ces chiffres ?",
        reading=f"{LISTS[count]} : {people(shown.height)}.",
        counted=people(shown.height),
        measures=_METHOD,
    )


def _codes(frame: pl.DataFrame, what: str) -> list[str]:
    return sorted({c for when in ("avant", "apres") for c in frame[f"{what}_{when}"].explode().drop_nulls()})


def _words(column: str, words: dict[str, str]) -> pl.Expr:
    return pl.col(column).list.eval(pl.element().replace(words)).list.join(", ")


EVOLUTION = Page(
    name="evolution",
    title="Évolution",
    question=question,
    reading=reading,
    universe=ANNUAIRE,
    filters=(
        Territory(),
        Choice("profession", shared=True),
        Choice("specialite", shared=True),
        Snapshot(),
        SINCE,
        PERSONS,
    ),
    figures=figures,
    rows=(
        (
            Block("carte", carte, 1.3, (Option("maille", "Maille", MESH_WORDS),)),
            Block("professions", professions),
        ),
        Block("bilan", ledger),
        Block("personnes", persons, options=(Option("liste", "Liste", LISTS),)),
        Block("trajets", journeys),
    ),
)
