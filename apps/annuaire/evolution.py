"""« Évolution »: who arrived, who left, who moved between any two extractions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from apps.annuaire.base import BASE, PEOPLE, counted
from apps.annuaire.words import about, people, where, who
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column, Table
from apps.kit.data.method import Method
from apps.kit.data.view import View
from apps.kit.filters.filters import Option, Snapshot, Territory
from apps.kit.filters.inputs import Since
from apps.kit.maps.maps import Map, choropleth, diverging
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from apps.kit.views.own import METHODS, ROWS, WORDS, Bars, Rows, Shown
from lake.errors import LakeError
from scoring.universes.annuaire import ANNUAIRE, Base
from scoring.universes.evolution import COUNTS as FIGURES
from scoring.universes.evolution import EVOLUTION as MOVES
from scoring.universes.evolution import LISTS as EVERY_LIST
from scoring.universes.evolution import PERSON, PERSONNES, PROFESSION, TRAJETS, renumbered
from scoring.universes.model import Format, Universe

PERSONS = replace(
    BASE,
    values={b: BASE.values[b] for b in (Base.PERSONNES, Base.PERSONNES_PRINCIPAL)},
    help="Au lieu principal, chaque personne compte dans un seul territoire : les territoires s'additionnent.",
)
"""The counting base, as far as persons can be followed."""
SINCE = Since("depuis", "Comparée à l'extraction du")
MESH_WORDS = {"epci": "EPCI", "departement": "Départements", "commune": "Communes"}
UNKNOWN = {"epci": "EPCI inconnu", "departement": "Département inconnu", "commune": "Commune inconnue"}
LISTS = {name: words for name, words in EVERY_LIST.items() if name not in ("debut", "fin")}
MESH = Option("maille", "Maille", MESH_WORDS)
LIST = Option("liste", "Liste", LISTS)
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
        "d'exercice, y a changé. Deux communes fusionnées sont comparées sous leur code actuel. Sous un filtre de "
        "mode, qui change de mode part de l'un et arrive dans l'autre.",
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


def asking(view: View, universe: Universe = MOVES, **more: str) -> View:
    """The question of the page: two extractions compared on a counting base.

    Args:
        view: what the page shows.
        universe: movements, journeys or persons.
        more: other parameters of that universe.

    Raises:
        LakeError: there is no earlier extraction.
    """
    before = SINCE.read(view)
    if before is None or view.date is None:
        raise LakeError(
            f"Aucune extraction n'est plus ancienne que celle du {view.date_in_words()} : rien à comparer.",
            conseil="Choisissez une extraction plus récente dans la colonne de gauche.",
        )
    return view.asking(universe, depuis=before.isoformat(), base=counted(view).base.value, **more)


def _principal(view: View) -> bool:
    return counted(view).base is Base.PERSONNES_PRINCIPAL


def counts(view: View, by: Sequence[str] = (), *, apart: Sequence[str] = ()) -> pl.DataFrame:
    """The figures of a ledger by these dimensions, and ``ecart``: the end less the start."""
    found = asking(view).query(FIGURES, by, apart=apart)
    return found.with_columns(ecart=pl.col("fin") - pl.col("debut"))


def whole(view: View) -> dict[str, int]:
    """The figures of all that is selected, 0 where there is nobody."""
    return dict(counts(view).row(0, named=True))


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
    return about(view, f"Qui est arrivé, qui est parti parmi les {who(view)} ?")


def reading(view: View) -> str:
    """Arrivals, departures, moves, in one or two sentences."""
    before, total = SINCE.read(view), whole(view)
    said = f" {counted(view).sums}" if _principal(view) else ""
    period = f"du {french.long_date(before)} au {french.long_date(view.date)}"
    came, left = total["arrivees"] + total["entrees"], total["departs"] + total["sorties"]
    moved = (
        f"{french.counted(total['deplacements'], 'personne a changé', 'personnes ont changé')} de commune et "
        f"{french.number(total['changements_mode'])} de mode d'exercice."
        if total["deplacements"] or total["changements_mode"]
        else "Personne n'y a changé de commune ni de mode d'exercice."
    )
    if not came and not left:
        return f"{where(view)}, {period} : personne n'est arrivé ni parti. {moved}{said}"
    return (
        f"{where(view)}, {period} : {french.counted(came, 'personne de plus', 'personnes de plus')}, "
        f"{french.number(left)} de moins, soit {french.signed(total['ecart'])}. {moved}{said}"
        f"{' ' + renumbered(total) if renumbered(total) else ''}"
    )


def figures(view: View) -> Figures:
    """Start and end, arrivals, departures, modes."""
    before, total = SINCE.read(view), whole(view)
    since = f"depuis le {french.long_date(before)}"
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


def territories(view: View, *, apart: bool = False) -> tuple[pl.DataFrame, str, str]:
    """The figures of each territory of the mesh chosen, the mesh and the column of its codes.

    With ``apart``, those too that a filter of the same mesh leaves out.
    """
    mesh = view.option(MESH.name)
    code = view.universe.axis(mesh).code or mesh
    rows = counts(view, [code, mesh], apart=[mesh] if apart else [])
    rows = rows.with_columns(pl.col(mesh).fill_null(UNKNOWN[mesh]))
    return rows.sort("ecart", mesh), mesh, code


def carte(view: View) -> Map:
    """Net change of each territory."""
    rows, mesh, code = territories(view, apart=True)
    scale = Scale(Format.INTEGER, "personnes de plus ou de moins")
    spec, classes = choropleth(
        view, mesh, rows, code, "ecart", scale, classes=diverging(rows["ecart"], scale)
    )
    table = BALANCE(view)
    assert isinstance(table, Table)
    fall, rise = rows.filter(pl.col("ecart") < 0).height, rows.filter(pl.col("ecart") > 0).height
    words = MESH_WORDS[mesh].lower() if mesh != "epci" else "EPCI"
    return Map(
        spec,
        table,
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


ROWS["evolution.bilan"] = lambda view: territories(view)[0]
ROWS["evolution.total"] = counts


@ROWS("evolution.professions")
def professions(view: View) -> pl.DataFrame:
    """Every profession's ledger, the most numerous first."""
    rows = counts(view, [PROFESSION, "profession"], apart=["profession"])
    rows = rows.with_columns(pl.col("profession").fill_null("Non renseignée"))
    return rows.sort("fin", "profession", descending=[True, False])


def _most_arrivals(shown: Shown) -> str:
    first = shown.frame.sort("arrivees", descending=True).row(0, named=True) if shown.frame.height else None
    if not first or not first["arrivees"]:
        return "Personne n'est arrivé."
    left = french.counted(first["departs"], "départ")
    return f"Le plus d'arrivées : {first['profession']} ({french.number(first['arrivees'])}, pour {left})."


@ROWS("evolution.trajets")
def journeys(view: View) -> pl.DataFrame:
    """From where to where, the most travelled first."""
    mesh = view.option(MESH.name)
    by = ["code_origine", "origine", "code_destination", "destination"]
    frame = asking(view, TRAJETS, maille=mesh).query(["trajets"], by)
    rows = frame.filter(pl.col("trajets") > 0).sort(
        "trajets", "code_origine", "code_destination", descending=[True, False, False], nulls_last=True
    )
    return rows.with_columns(pl.col("origine", "destination").fill_null(UNKNOWN[mesh]))


ROWS["evolution.personnes"] = lambda view: asking(view, PERSONNES, liste=view.option(LIST.name)).detail()


def _nobody(shown: Shown) -> str:
    count = shown.view.option(LIST.name)
    if whole(shown.view)[count]:
        return "Vos droits ne montrent pas le nom de ces personnes."
    return (
        f"Personne : aucun mouvement de cette sorte (« {LISTS[count].lower()} ») entre les deux extractions."
    )


METHODS["evolution"] = lambda _view: _METHOD
WORDS.update(
    {
        "maille_une": lambda s: MESH_WORDS[s.view.option(MESH.name)].removesuffix("s"),
        "compte_ferme": lambda s: f"Le compte ferme, à l'unité : {identity(whole(s.view))}.",
        "personnes_fin": lambda s: people(whole(s.view)["fin"]),
        "plus_d_arrivees": _most_arrivals,
        "trajets": lambda s: french.counted(int(s.frame["trajets"].sum()), "trajet"),
        "liste": lambda s: LISTS[s.view.option(LIST.name)],
        "personnes": lambda s: people(s.frame.height),
        "sans_personne": _nobody,
    }
)
BALANCE = Rows(
    "evolution.bilan",
    (Column("{maille}", "{maille_une}"), *COUNTS),
    "Le bilan de chaque territoire",
    reading="{compte_ferme}",
    key="{maille_code}",
    counted="{personnes_fin}",
    total="evolution.total",
    methods=("evolution",),
)
ARRIVALS = Bars(
    "evolution.professions",
    "profession",
    "arrivees",
    "arrivées",
    (Column("profession", "Profession"), *COUNTS),
    "Dans quelles professions arrive-t-on ?",
    ("profession",),
    "{plus_d_arrivees}",
    "profession",
    PROFESSION,
    ("evolution",),
    12,
)
JOURNEYS = Rows(
    "evolution.trajets",
    (
        Column("origine", "De"),
        Column("destination", "Vers"),
        Column("trajets", "Personnes", Format.INTEGER),
    ),
    "D'où viennent-ils, où vont-ils ?",
    reading="Une personne qui quitte deux territoires pour un troisième fait deux trajets.",
    nothing="Aucun trajet : personne n'a changé de territoire entre les deux extractions.",
    counted="{trajets}",
    methods=("evolution",),
)
WHO = Rows(
    "evolution.personnes",
    (
        Column("nom", "Nom"),
        Column("prenom", "Prénom"),
        Column("profession", "Profession"),
        Column("communes_avant", "Communes avant"),
        Column("communes_apres", "Communes après"),
        Column("modes_avant", "Mode avant"),
        Column("modes_apres", "Mode après"),
    ),
    "Qui est derrière ces chiffres ?",
    reading="{liste} : {personnes}.",
    nothing="{sans_personne}",
    key=PERSON,
    counted="{personnes}",
    methods=("evolution",),
)

EVOLUTION = Page(
    name="evolution",
    title="Évolution",
    question=question,
    reading=reading,
    universe=ANNUAIRE,
    filters=(
        Territory(),
        *PEOPLE,
        Snapshot(),
        SINCE,
        PERSONS,
    ),
    figures=figures,
    rows=(
        (
            Block("carte", carte, 1.3, (MESH,)),
            Block("professions", ARRIVALS),
        ),
        Block("bilan", BALANCE),
        Block("personnes", WHO, options=(LIST,)),
        Block("trajets", JOURNEYS),
    ),
)
