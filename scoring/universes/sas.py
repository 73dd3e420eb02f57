"""The universes of unscheduled care (SAS): offer, demand, bookings, coverage of the population, day by day.

Past days are closed, today is live, days to come are net of the absences known. Published by ``obs sas publier``.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from lake.catalog.sas import (
    COUVERTURE,
    DELAIS,
    FAMILLES,
    HORIZONS,
    ISSUES,
    LEVIERS,
    OFFRE,
    RECHERCHES,
    RENDEZ_VOUS,
    STATUTS,
)
from lake.errors import RefusedCombination
from scoring.sas import horizons
from scoring.sas.recherche import PRESETS
from scoring.universes.model import Axis, Format, Kind, Measure, Order, Rhythm, Scan, Term, Universe
from scoring.universes.sas_rows import (
    JOUR,
    MODALITES,
    SHARED,
    by_horizon,
    derived,
    few_sent_up,
    unmet_apart,
    with_offering,
)
from scoring.universes.selection import Selection

OUVERT_PAR = "sas"
SOURCE = "Service d’accès aux soins"
_GENRES = {"ps": "Professionnel", "structure": "Structure"}
_PLACES = frozenset({"sas", "departement", "epci", "commune", "territoire", "semaine", "mois"})

MODALITE = Axis("modalite", "Modalité", pl.col("modalite"), words=MODALITES, order=Order.WORDS)
GENRE = Axis("genre_effecteur", "Genre d’effecteur", pl.col("genre_effecteur"), words=_GENRES)
ORIGINE = Axis("source", "Source", pl.col("source"), words={"saisie": "Saisie"})
PRESET = Axis(
    "preset", "Recherche type", pl.col("preset"), plural="Recherches types",
    words={code: one.titre for code, one in PRESETS.items()}, cited="code_recherche",
)  # fmt: skip
"""The searches made for every SAS by their names; those that a SAS made by their code, ``SAS-54-3``."""
HORIZON = Axis("horizon", "Horizon", pl.col("horizon"), words=HORIZONS, order=Order.WORDS)
DEMANDE_HORIZON = Axis(
    "horizon", "Horizon demandé", pl.col("horizon"), words=horizons.HORIZONS, order=Order.WORDS,
    plural="Horizons demandés",
)  # fmt: skip
HEURE = Axis(
    "heure", "Heure", pl.col("heure").cast(pl.String).str.zfill(2), order=Order.CODE,
    words={f"{hour:02}": f"{hour}\u202fh" for hour in range(24)},
)  # fmt: skip
TRANCHE = Axis(
    "tranche", "Tranche horaire",
    pl.when(pl.col("heure").is_between(8, 11)).then(pl.lit("8-12"))
    .when(pl.col("heure").is_between(12, 15)).then(pl.lit("12-16"))
    .when(pl.col("heure").is_between(16, 19)).then(pl.lit("16-20")).otherwise(pl.lit("autre")),
    words={"8-12": "8 h – 12 h", "12-16": "12 h – 16 h", "16-20": "16 h – 20 h", "autre": "Autre heure"},
    order=Order.WORDS, plural="Tranches horaires",
)  # fmt: skip
ISSUE = Axis("issue", "Issue", pl.col("issue"), words=ISSUES, order=Order.WORDS)
LEVIER = Axis(
    "levier", "Levier manquant", pl.when(pl.col("levier") != "").then("levier"), words=LEVIERS,
    order=Order.WORDS, plural="Leviers manquants",
)  # fmt: skip
STATUT = Axis("statut", "Statut", pl.col("statut"), words=STATUTS, order=Order.WORDS)
DELAI = Axis("classe_delai", "Délai", pl.col("classe_delai"), words=DELAIS, order=Order.WORDS)
FAMILLE = Axis("famille", "Famille", pl.col("famille"), words=FAMILLES, order=Order.WORDS)


def _flow(
    name: str, label: str, unit: str, definition: str, of: pl.Expr, where: pl.Expr | None = None
) -> Measure:
    # Days of demands that were all met count zero unmet ones: a gap is for days that nobody published.
    counted = of if where is None else pl.when(where).then(of).otherwise(0)
    return Measure(name, label, unit, Kind.FLOW, definition, value=Term(counted))


_ONCE = "Chacun est compté une fois\u202f: demandez-le à la maille voulue."
_WHO = pl.col("identifiant")
_OFFRE_AXES = (*SHARED, MODALITE, GENRE, ORIGINE)

SAS_OFFRE = Universe(
    name="sas_offre",
    title="Offre de soins non programmés",
    table=OFFRE,
    time=JOUR,
    rhythm=Rhythm.DAILY,
    axes=_OFFRE_AXES,
    measures=(
        _flow("creneaux_offerts", "Créneaux offerts", "créneaux",
              "Places des plages de soins non programmés, absences comprises.", pl.col("offerts")),
        _flow("creneaux_absents", "Créneaux retirés", "créneaux",
              "Places qu’une absence ou une indisponibilité retire\u202f: une minute suffit.", pl.col("absents")),
        _flow("creneaux_pris", "Créneaux pris", "créneaux",
              "Places réservées\u202f; de une à quatre, elles ne sont dites ni d’une commune ni d’un EPCI.",
              pl.col("pris")),
        Measure(
            "creneaux_disponibles", "Créneaux disponibles", "créneaux", Kind.FLOW,
            "Places libres\u202f: offertes, moins celles que retire une absence, moins celles qui sont prises.",
            value=Term(pl.col("disponibles")), never_over=frozenset({"modalite"}), sense=1,
            alternative="Un créneau peut se tenir de deux manières\u202f: le total se demande sans la modalité.",
            ne_mesure_pas="Les jours à venir valent ce que l’on sait aujourd’hui des absences.",
        ),
        _flow("minutes_offertes", "Minutes offertes", "minutes", "Minutes des plages.", pl.col("minutes_offertes")),
        Measure(
            "taux_remplissage", "Taux de remplissage", "", Kind.RATIO, "Places prises sur places offertes.",
            numerator=Term(pl.col("pris")), denominator=Term(pl.col("offerts")), format=Format.SHARE, bounds=(0.0, 1.0),
        ),
        Measure(
            "effecteurs", "Effecteurs", "effecteurs", Kind.DISTINCT,
            "Professionnels et structures inscrits, chacun compté une fois dans la période.",
            value=Term(_WHO, distinct=True), alternative=_ONCE,
        ),
        Measure(
            "effecteurs_avec_creneau", "Effecteurs avec créneau", "effecteurs", Kind.DISTINCT,
            "Effecteurs qui ont au moins un créneau dans la période, absences déduites, chacun compté une fois.",
            value=Term(pl.when(pl.col("_offre") > 0).then(_WHO), distinct=True), alternative=_ONCE,
        ),
        Measure(
            "effecteurs_sans_creneau", "Effecteurs sans créneau", "effecteurs", Kind.DISTINCT,
            "Effecteurs inscrits qui n’ont aucun créneau dans la période, absences déduites, chacun compté une fois.",
            value=Term(pl.when(pl.col("_offre") == 0).then(_WHO), distinct=True), alternative=_ONCE, sense=-1,
            axes=_PLACES | {"genre_effecteur"},
        ),
        Measure(
            "effecteurs_actifs", "Effecteurs au dernier jour", "effecteurs", Kind.DISTINCT,
            "Effecteurs qui ont au moins un créneau le dernier jour de la période (de chaque semaine, de chaque mois).",
            value=Term(_WHO, distinct=True, where=pl.col("offerts") > pl.col("absents"), stock=True), alternative=_ONCE,
        ),
        _flow("sollicitations", "Sollicitations", "sollicitations",
              "Réservations, appels notés et demandes de surbooking.", pl.col("sollicitations")),
        Measure(
            "sollicitations_pour_100_creneaux", "Sollicitations pour 100 créneaux", "pour 100 créneaux", Kind.RATIO,
            "Sollicitations, rapportées aux places offertes.", numerator=Term(pl.col("sollicitations")),
            denominator=Term(pl.col("offerts")), scale=100, format=Format.DECIMAL,
        ),
    ),
    source=SOURCE,
    derived=derived(OFFRE, _OFFRE_AXES, make=with_offering, late=("territoire",),
                    inside=("modalite", "epci", "commune"), apart=True),
    opened_by=OUVERT_PAR,
)  # fmt: skip

_demandes = pl.col("demandes")


def _ended(issue: str) -> pl.Expr:
    return pl.col("issue") == issue


_DEMANDE_AXES = (*SHARED, PRESET, DEMANDE_HORIZON, HEURE, TRANCHE, ISSUE, LEVIER)
SAS_DEMANDE = Universe(
    name="sas_demande",
    title="Demandes de soins non programmés",
    table=RECHERCHES,
    time=JOUR,
    rhythm=Rhythm.DAILY,
    axes=_DEMANDE_AXES,
    measures=(
        _flow("recherches", "Recherches", "recherches", "Recherches faites.", pl.col("recherches")),
        _flow("demandes", "Demandes", "demandes",
              "Les recherches d’un compte, même commune et critères en 15 minutes, comptent une fois.", _demandes),
        _flow("demandes_pourvues", "Demandes pourvues", "demandes", "Un créneau au rayon et à l’horizon demandés.",
              _demandes, _ended("pourvue")),
        _flow("demandes_elargies", "Demandes élargies", "demandes",
              "Pourvues seulement après avoir élargi le rayon ou l’horizon.", _demandes, _ended("elargie")),
        _flow("demandes_incertaines", "Demandes incertaines", "demandes",
              "Rien, mais un éditeur n’a pas répondu\u202f: on ne sait pas.", _demandes, _ended("incertaine")),
        _flow("demandes_non_pourvues", "Demandes non pourvues", "demandes",
              "Rien, et toutes les sources ont répondu\u202f; de une à quatre, elles ne sont dites d’aucune commune.",
              pl.col("non_pourvues")),
        Measure(
            "part_non_pourvue", "Part non pourvue", "", Kind.RATIO,
            "Demandes non pourvues, sur les demandes dont l’issue est connue (toutes sauf les incertaines).",
            numerator=Term(pl.col("non_pourvues")),
            denominator=Term(pl.when(_ended("incertaine")).then(0).otherwise(_demandes)),
            format=Format.SHARE, bounds=(0.0, 1.0), sense=-1,
            ne_mesure_pas="Le silence d’un éditeur n’est jamais compté comme un manque.",
        ),
        Measure(
            "part_elargie", "Part élargie", "", Kind.RATIO,
            "Demandes pourvues en élargissant, sur les demandes dont l’issue est connue.",
            numerator=Term(pl.when(_ended("elargie")).then(_demandes).otherwise(0)),
            denominator=Term(pl.when(_ended("incertaine")).then(0).otherwise(_demandes)),
            format=Format.SHARE, bounds=(0.0, 1.0), sense=-1,
        ),
    ),
    source=SOURCE,
    derived=derived(RECHERCHES, _DEMANDE_AXES, make=unmet_apart, late=("epci", "commune", "territoire"), apart=True),
    opened_by=OUVERT_PAR,
)  # fmt: skip

_rdv = pl.col("rendez_vous")
_kept = pl.col("statut") != "cancelled"
_RDV_AXES = (*SHARED, MODALITE, ORIGINE, STATUT, DELAI)
SAS_RENDEZ_VOUS = Universe(
    name="sas_rendez_vous",
    title="Rendez-vous après régulation",
    table=RENDEZ_VOUS,
    time=JOUR,
    rhythm=Rhythm.DAILY,
    axes=_RDV_AXES,
    measures=(
        _flow("rendez_vous", "Rendez-vous", "rendez-vous",
              "Rendez-vous pris, annulés compris\u202f; un rendez-vous déplacé en est un seul.", _rdv),
        _flow("honores", "Honorés", "rendez-vous", "Rendez-vous honorés.", _rdv, pl.col("statut") == "fulfilled"),
        _flow("non_honores", "Non honorés", "rendez-vous", "Le patient n’est pas venu.", _rdv,
              pl.col("statut") == "noshow"),
        _flow("annules", "Annulés", "rendez-vous", "Rendez-vous annulés.", _rdv, pl.col("statut") == "cancelled"),
        Measure(
            "taux_non_honores", "Taux de non honorés", "", Kind.RATIO,
            "Non honorés, sur les rendez-vous dont l’issue est connue (honorés et non honorés).",
            numerator=Term(_rdv, where=pl.col("statut") == "noshow"),
            denominator=Term(_rdv, where=pl.col("statut").is_in(["fulfilled", "noshow"])),
            format=Format.SHARE, bounds=(0.0, 1.0), sense=-1,
        ),
        Measure(
            "delai_moyen_h", "Délai moyen (heures)", "heures", Kind.RATIO,
            "Heures entre la prise et le début, en moyenne, annulés exclus.",
            numerator=Term(pl.col("delai_h"), where=_kept), denominator=Term(_rdv, where=_kept),
            format=Format.DECIMAL, sense=-1,
        ),
    ),
    source=SOURCE,
    derived=derived(RENDEZ_VOUS, _RDV_AXES, make=few_sent_up("rendez_vous"), late=("epci", "commune", "territoire")),
    opened_by=OUVERT_PAR,
)  # fmt: skip


def _one_horizon(
    _scan: Scan, said: Selection, by: Sequence[str], of: Sequence[Measure], _total: bool
) -> None:
    if "horizon" in by or len(said.values("horizon")) == 1:
        return
    raise RefusedCombination(
        f"« {of[0].label} » n’a pas de total sur l’horizon\u202f: qui est couvert à 2 heures l’est à 4.",
        conseil="Demandez-la par horizon (--par horizon), ou à l’un d’eux (--filtre horizon=4h).",
    )


_COUVERTURE_AXES = (*SHARED, HEURE, HORIZON, FAMILLE)
SAS_COUVERTURE = Universe(
    name="sas_couverture",
    title="Couverture de la population",
    table=COUVERTURE,
    time=JOUR,
    rhythm=Rhythm.DAILY,
    axes=_COUVERTURE_AXES,
    measures=(
        Measure(
            "couverture", "Population couverte", "", Kind.RATIO,
            "Habitants d’une commune d’où une place peut être atteinte dans l’horizon, sur tous les habitants\u202f; "
            "à chaque heure ouvrée, en rapport de sommes, chaque commune une fois. La téléconsultation, qui couvrirait "
            "tout le monde, ne compte que si sa famille est demandée.",
            numerator=Term(pl.col("couverte")), denominator=Term(pl.col("population")),
            format=Format.SHARE, bounds=(0.0, 1.0), sense=1,
            ne_mesure_pas="Une place «\u202fcouvre\u202f» tous ceux qui l’atteignent\u202f: lisez les places à côté.",
            alternative="Demandez-la à la maille voulue.", axes=frozenset(a.name for a in _COUVERTURE_AXES),
        ),
        Measure(
            "places_atteignables_pour_10000", "Places atteignables pour 10 000 habitants", "places", Kind.RATIO,
            "Places partagées entre ceux qui peuvent les atteindre dans l’horizon, pour 10 000 habitants.",
            numerator=Term(pl.col("parts")),
            scale=10_000,
            denominator=Term(pl.col("population")), format=Format.DECIMAL, sense=1,
        ),
    ),
    source=SOURCE,
    derived=derived(COUVERTURE, _COUVERTURE_AXES, make=by_horizon, inside=("horizon",), check=_one_horizon),
    opened_by=OUVERT_PAR,
)  # fmt: skip

SAS_UNIVERSES = (SAS_OFFRE, SAS_DEMANDE, SAS_RENDEZ_VOUS, SAS_COUVERTURE)
