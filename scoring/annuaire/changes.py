"""What changed between two extractions: arrivals, departures, moves, modes, by territory and profession.

Everything starts from one list, :func:`movements`: one row per person (and profession) × territory where the
person was or is. Every figure of :func:`summary` counts rows of that list, so a figure and the list behind it
cannot disagree, and each territory closes to the unit:

    start + arrivals + entries − departures − exits = end

*Arrival* and *departure*: the person (in this profession) was, or is, nowhere in the scope. *Entry* and *exit*:
the person was in the scope elsewhere before, or is elsewhere after. Over the whole scope nobody can enter or
leave a territory without arriving or departing: start + arrivals − departures = end.

A person who changed register (ADELI to RPPS) between the two is one person, whose number changed. One who bears both
numbers in one extraction counts there twice, as everywhere else: the second number then arrives, or the first departs,
and these are told apart (:mod:`scoring.annuaire.identities`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from lake.errors import ContractError, UnknownName
from scoring.annuaire.identities import pairs
from scoring.annuaire.territory import MESHES

PERSON = "identification_nationale_pp"
PROFESSION = "code_profession"
WHOLE = "perimetre"
"""The mesh of the whole scope: one territory, everything that was given."""
TERRITORY = "territoire"
"""Column of the territory's code in the results; null where the commune (or its EPCI) is unknown."""


class Situation(StrEnum):
    """What became of a person in a territory."""

    RESTE = "reste"
    ARRIVEE = "arrivee"
    """Nowhere in the scope before."""
    ENTREE = "entree"
    """Elsewhere in the scope before."""
    DEPART = "depart"
    """Nowhere in the scope any more."""
    SORTIE = "sortie"
    """Elsewhere in the scope now."""


@dataclass(frozen=True)
class Perimetre:
    """The two pictures that are compared, made comparable and read once.

    Attributes:
        lignes: one row per distinct person × profession × mode × commune × time: ``_p`` (UInt32, the
            person's number), ``code_profession``, ``code_mode_exercice``, the codes of the meshes,
            ``_apres`` (Boolean: the later picture), ``_bascule`` (Boolean: the person's number changed),
            ``_double`` (Boolean: the person has another number in one of the pictures) and ``_meme`` (Boolean: both
            pictures say the same of the person, in everything).
        personnes: ``_p`` and the person's national identifier.
    """

    lignes: pl.LazyFrame
    personnes: pl.LazyFrame


def perimeter(
    avant: pl.LazyFrame,
    apres: pl.LazyFrame,
    departements: pl.LazyFrame,
    *,
    fusions: pl.LazyFrame | None = None,
    territoires: pl.LazyFrame | None = None,
) -> Perimetre:
    """Make two extractions comparable, and read them once for every table and list that follows.

    Args:
        avant: rows of ``annuaire__activites`` of the earlier extraction, filtered or not.
        apres: rows of the later one, under the same filters.
        departements: ``territoires__departements``, for the regions.
        fusions: ``territoires__fusions``: communes merged between the two are compared under their new
            code. Without it a merger would look like a move.
        territoires: territories of one's own: ``code_commune`` and ``territoire`` (String), each commune in
            one at most; they are then the mesh ``territoire``.

    Raises:
        ContractError: a commune belongs to two territories of one's own.
    """
    columns = (PERSON, PROFESSION, "code_mode_exercice", "code_commune", "siren_epci", "code_departement")
    numbers = pairs(avant, apres)
    rows = pl.concat(
        [
            avant.select(columns).unique().with_columns(_apres=pl.lit(False)),
            apres.select(columns).unique().with_columns(_apres=pl.lit(True)),
        ]
    )
    moved = dict(numbers.filter("bascule").select("adeli", "rpps").iter_rows())
    twice = numbers.filter(~pl.col("bascule"))
    rows = rows.with_columns(
        pl.col(PERSON).replace(moved),
        _bascule=pl.col(PERSON).is_in([*moved, *moved.values()]),
        _double=pl.col(PERSON).is_in([*twice["adeli"], *twice["rpps"]]),
    )
    if fusions is not None:
        links = fusions.select("ancien_code_commune", _actuel=pl.col("code_commune")).unique(
            "ancien_code_commune"
        )
        rows = (
            rows.join(links, left_on="code_commune", right_on="ancien_code_commune", how="left")
            .with_columns(code_commune=pl.coalesce("_actuel", "code_commune"))
            .drop("_actuel")
        )
    rows = rows.join(
        departements.select("code_departement", "code_region"), on="code_departement", how="left"
    )
    if territoires is not None:
        own = territoires.select("code_commune", pl.col(TERRITORY).alias("_propre")).collect()
        twice = own.filter(own["code_commune"].is_duplicated())
        if twice.height:
            raise ContractError(
                f"La commune {twice['code_commune'][0]} est dans deux territoires : "
                "les totaux ne fermeraient pas.",
                conseil="Gardez chaque commune dans un seul territoire.",
            )
        rows = rows.join(own.lazy(), on="code_commune", how="left")
    # Numbers compare several times faster than identifiers, and every table that follows compares them.
    read = rows.with_columns(_p=pl.col(PERSON).rank("dense").cast(pl.UInt32)).collect()
    # Nearly everyone is where they were: told once here, every list that follows looks at the others only.
    said = [name for name in read.columns if name not in (PERSON, "_apres")]
    both = read.lazy().group_by(said).agg(_meme=pl.col("_apres").any() & ~pl.col("_apres").all())
    read = read.join(both.group_by("_p").agg(pl.col("_meme").all()).collect(), on="_p")
    return Perimetre(read.drop(PERSON).lazy(), read.select("_p", PERSON).unique("_p").lazy())


def divided(scope: Perimetre, territory: pl.Expr) -> Perimetre:
    """The same two pictures, cut into territories of one's own: the mesh ``territoire``.

    Args:
        scope: result of :func:`perimeter`.
        territory: the territory's code (String, null where unknown), over the columns of ``lignes``.
    """
    return Perimetre(scope.lignes.with_columns(territory.alias("_propre")), scope.personnes)


def movements(scope: Perimetre, mesh: str = WHOLE, *, by_profession: bool = False) -> pl.LazyFrame:
    """What became of each person in each territory.

    Args:
        scope: result of :func:`perimeter`.
        mesh: ``commune``, ``epci``, ``departement``, ``region``, ``territoire`` (one's own) or
            ``perimetre`` (the whole, one territory).
        by_profession: one row per profession too. A person who changes profession then leaves one and
            arrives in the other.

    Returns:
        LazyFrame: ``territoire`` (String, null where unknown), ``code_profession`` (if asked), ``_p``
        (UInt32, the person's number in the scope), ``situation`` (String, see :class:`Situation`),
        ``deplacement`` and ``changement_mode`` (Boolean: present both times with another set of communes,
        or of modes, within the territory), ``bascule`` (Boolean: present both times under another number),
        ``connu`` (Boolean: arrives or departs while present, at the other time or this one, under another number).

    Raises:
        UnknownName: the mesh does not exist.
    """
    person = ["_p", PROFESSION] if by_profession else ["_p"]
    keys = [TERRITORY, *person]
    every = scope.lignes.with_columns(_territory(mesh).alias(TERRITORY))
    steady = every.filter("_meme", "_apres").unique(keys)
    unmoved = steady.select(
        *keys,
        situation=pl.lit(Situation.RESTE.value),
        deplacement=pl.lit(False),
        changement_mode=pl.lit(False),
        bascule="_bascule",
        connu="_double",
    )
    rows = every.filter(~pl.col("_meme"))
    before, after = (~pl.col("_apres")).any(), pl.col("_apres").any()

    def changed(column: str) -> pl.LazyFrame:
        """The persons one of whose values is seen at one time only."""
        once = rows.group_by(*keys, column).agg(_un=pl.col("_apres").any() == pl.col("_apres").all())
        return once.group_by(keys).agg(pl.col("_un").any().alias(f"_{column}"))

    there = rows.group_by(keys).agg(_ici_avant=before, _ici_apres=after)
    # "Elsewhere" means anywhere in the scope, in the same profession when professions are told apart.
    anywhere = rows.group_by(person).agg(pl.col("_bascule", "_double").any(), _avant=before, _apres=after)
    here = (
        there.join(anywhere, on=person, how="left")
        .join(changed("code_commune"), on=keys, how="left", nulls_equal=True)
        .join(changed("code_mode_exercice"), on=keys, how="left", nulls_equal=True)
    )
    stays = pl.col("_ici_avant") & pl.col("_ici_apres")
    situation = (
        pl.when(stays)
        .then(pl.lit(Situation.RESTE.value))
        .when(pl.col("_ici_apres") & pl.col("_avant"))
        .then(pl.lit(Situation.ENTREE.value))
        .when("_ici_apres")
        .then(pl.lit(Situation.ARRIVEE.value))
        .when("_apres")
        .then(pl.lit(Situation.SORTIE.value))
        .otherwise(pl.lit(Situation.DEPART.value))
    )
    moved = here.select(
        *keys,
        situation=situation,
        deplacement=stays & pl.col("_code_commune"),
        changement_mode=stays & pl.col("_code_mode_exercice"),
        bascule=stays & pl.col("_bascule"),
        connu=pl.col("_double"),
    )
    return pl.concat([unmoved, moved])


COUNTS = (
    "debut",
    "arrivees",
    "entrees",
    "departs",
    "sorties",
    "fin",
    "ecart",
    "deplacements",
    "changements_mode",
    "bascules",
    "arrivees_connues",
    "departs_connus",
)


def summary(moved: pl.LazyFrame, by: Sequence[str] = (TERRITORY,)) -> pl.LazyFrame:
    """Count a list of movements.

    Args:
        moved: result of :func:`movements`.
        by: ``territoire``, ``code_profession`` or both; the list must tell the professions apart for the
            second. None: one row over all territories of the list (only of use on the mesh ``perimetre``,
            since a person of two territories would count twice).

    Returns:
        LazyFrame sorted by ``by`` (nulls last): ``by``, then Int64 columns ``debut``, ``arrivees``,
        ``entrees``, ``departs``, ``sorties``, ``fin``, ``ecart`` (fin − debut), ``deplacements`` (persons
        present both times whose communes in the territory changed), ``changements_mode``, ``bascules`` (persons
        present both times whose number changed), ``arrivees_connues`` and ``departs_connus`` (arrivals and
        departures of a number whose person has another one).
    """
    what = pl.col("situation")

    def count(*situations: Situation) -> pl.Expr:
        return what.is_in([one.value for one in situations]).sum().cast(pl.Int64)

    counts = [
        count(Situation.RESTE, Situation.DEPART, Situation.SORTIE).alias("debut"),
        count(Situation.ARRIVEE).alias("arrivees"),
        count(Situation.ENTREE).alias("entrees"),
        count(Situation.DEPART).alias("departs"),
        count(Situation.SORTIE).alias("sorties"),
        count(Situation.RESTE, Situation.ARRIVEE, Situation.ENTREE).alias("fin"),
        pl.col("deplacement").sum().cast(pl.Int64).alias("deplacements"),
        pl.col("changement_mode").sum().cast(pl.Int64).alias("changements_mode"),
        pl.col("bascule").sum().cast(pl.Int64).alias("bascules"),
        *(
            (pl.col("connu") & (what == one.value)).sum().cast(pl.Int64).alias(name)
            for name, one in (("arrivees_connues", Situation.ARRIVEE), ("departs_connus", Situation.DEPART))
        ),
    ]
    grouped = moved.group_by(by).agg(counts).sort(by, nulls_last=True) if by else moved.select(counts)
    return grouped.with_columns(ecart=pl.col("fin") - pl.col("debut")).select(*by, *COUNTS)


def closes(counted: pl.DataFrame) -> pl.DataFrame:
    """The rows of a :func:`summary` whose identity does not hold (none, ever; pages assert it and say so)."""
    gains = pl.col("arrivees") + pl.col("entrees")
    losses = pl.col("departs") + pl.col("sorties")
    return counted.filter(pl.col("debut") + gains - losses != pl.col("fin"))


def flows(scope: Perimetre, mesh: str = "commune") -> pl.LazyFrame:
    """From where to where people moved: each territory left × each territory entered by the same person.

    A person who leaves two communes and enters one counts on two rows: rows are journeys, not persons.

    Returns:
        LazyFrame: ``origine``, ``destination`` (String, null where unknown), ``personnes`` (Int64), most
        frequent first.
    """
    moved = movements(scope, mesh)
    out = moved.filter(pl.col("situation") == Situation.SORTIE.value).select("_p", origine=TERRITORY)
    into = moved.filter(pl.col("situation") == Situation.ENTREE.value).select("_p", destination=TERRITORY)
    return (
        out.join(into, on="_p")
        .group_by("origine", "destination")
        .agg(personnes=pl.len().cast(pl.Int64))
        .sort("personnes", "origine", "destination", descending=[True, False, False], nulls_last=True)
    )


def _territory(mesh: str) -> pl.Expr:
    if mesh == WHOLE:
        return pl.lit(WHOLE)
    if mesh == TERRITORY:
        return pl.col("_propre")
    if mesh not in MESHES:
        raise UnknownName("maille", mesh, [*MESHES, TERRITORY, WHOLE])
    return pl.col(MESHES[mesh])
