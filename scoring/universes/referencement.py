"""The ``referencement`` universe: software referenced by the Ségur programme, at the date of a catalogue.

A référencement is a software in one couloir of one dispositif; a logiciel may have several; a société several
logiciels. The three are never confused: the first adds over couloir and dispositif, the others are counted once.
"""

from __future__ import annotations

import polars as pl

from lake.catalog.referencement import COULOIRS, ETATS, PRODUITS, SERVICES_SOCLES
from scoring.universes.model import Axis, Format, Kind, Measure, Order, Rhythm, Term, Universe

_IN_FORCE = pl.col("etat") == "reference"
# Counted on a column, never on a literal: alone in its group, a literal is one value, whatever the rows.
_LINE = pl.col("produit").is_not_null().cast(pl.Int64)
_YES_NO = {"true": "Oui", "false": "Non"}
_REFERENCING = frozenset({"referencement"})

DATE = Axis(
    "date_catalogue",
    "Date du catalogue",
    pl.col("date_catalogue"),
    plural="Dates des catalogues",
    order=Order.CODE,
)
COULOIR = Axis(
    "couloir",
    "Couloir",
    pl.col("couloir"),
    words=COULOIRS,
    plural="Couloirs",
    order=Order.WORDS,
    partitions=_REFERENCING,
)
DISPOSITIF = Axis("dispositif", "Dispositif", pl.col("dispositif"), partitions=_REFERENCING)
VAGUE = Axis("vague", "Vague", pl.col("vague").cast(pl.String), order=Order.CODE, partitions=_REFERENCING)
EDITEUR = Axis(
    "editeur",
    "Éditeur",
    pl.col("societe"),
    code="societe",
    text=pl.col("editeur"),
    code_pattern=r"^([0-9]{9}|nom:.+)$",
    partitions=frozenset({"referencement", "logiciel", "editeur"}),
)
PRODUIT = Axis(
    "produit",
    "Logiciel",
    pl.col("produit"),
    code="code_produit",
    text=pl.col("nom"),
    code_pattern=r"^[^\s|;]{1,40}$",
    partitions=frozenset({"referencement", "logiciel", "editeur"}),
)
ETAT = Axis("etat", "État", pl.col("etat"), words=ETATS, order=Order.WORDS, partitions=_REFERENCING)
VERSION = Axis("version", "Version", pl.col("version"))
REFERENCE_LE = Axis(
    "date_referencement", "Référencé le", pl.col("date_referencement").cast(pl.String), order=Order.CODE
)
RETIRE_LE = Axis("date_retrait", "Retiré le", pl.col("date_retrait").cast(pl.String), order=Order.CODE)
SERVICES = tuple(
    Axis(
        f"integre_{name}",
        f"Intègre : {label}",
        pl.col(f"integre_{name}").cast(pl.String),
        words=_YES_NO,
        plural=f"Intègre : {label}",
        order=Order.WORDS,
        partitions=_REFERENCING,
    )
    for name, label in SERVICES_SOCLES.items()
)
_SOFTWARE = (
    "Demandez les logiciels distincts à cette maille : un logiciel de deux couloirs est un seul logiciel."
)


def _share(name: str, label: str) -> Measure:
    return Measure(
        f"part_{name}",
        f"Part intégrant : {label}",
        "",
        Kind.RATIO,
        f"Logiciels référencés dont une version en vigueur intègre ce service ({label}), rapportés aux logiciels "
        "référencés, chacun compté une fois.",
        numerator=Term(pl.col("produit"), distinct=True, where=_IN_FORCE & pl.col(f"integre_{name}")),
        denominator=Term(pl.col("produit"), distinct=True, where=_IN_FORCE),
        format=Format.SHARE,
        ne_mesure_pas="L'usage : un logiciel qui intègre un service peut ne pas l'employer.",
        bounds=(0.0, 1.0),
        subject="logiciel",
        sense=1,
    )


MEASURES = (
    Measure(
        "referencements",
        "Référencements",
        "référencements",
        Kind.STOCK,
        "Référencements en vigueur à la date du catalogue : un logiciel dans un couloir et un dispositif, quel que "
        "soit le nombre de ses versions.",
        value=Term(_LINE, where=_IN_FORCE),
        ne_mesure_pas="Ni les logiciels, ni les sociétés : un logiciel de deux couloirs a deux référencements.",
        subject="referencement",
    ),
    Measure(
        "logiciels",
        "Logiciels référencés",
        "logiciels",
        Kind.DISTINCT,
        "Logiciels qui ont au moins un référencement en vigueur, chacun compté une fois.",
        value=Term(pl.col("produit"), distinct=True, where=_IN_FORCE),
        alternative=_SOFTWARE,
        subject="logiciel",
    ),
    Measure(
        "editeurs",
        "Sociétés",
        "sociétés",
        Kind.DISTINCT,
        "Sociétés qui ont au moins un logiciel référencé, chacune comptée une fois, même renommée (par son SIREN).",
        value=Term(pl.col("societe"), distinct=True, where=_IN_FORCE),
        alternative="Demandez les sociétés à cette maille : une société de deux couloirs est une seule société.",
        subject="editeur",
    ),
    Measure(
        "suspendus",
        "Référencements suspendus",
        "référencements",
        Kind.STOCK,
        "Référencements suspendus à la date du catalogue.",
        value=Term(_LINE, where=pl.col("etat") == "suspendu"),
        subject="referencement",
    ),
    Measure(
        "retires",
        "Référencements retirés",
        "référencements",
        Kind.STOCK,
        "Référencements retirés à la date du catalogue.",
        value=Term(_LINE, where=pl.col("etat") == "retire"),
        subject="referencement",
    ),
    Measure(
        "versions",
        "Lignes du catalogue",
        "lignes",
        Kind.STOCK,
        "Lignes du catalogue, versions remplacées et retirées comprises.",
        value=Term(_LINE),
        ne_mesure_pas="Les référencements en vigueur.",
        subject="version",
    ),
    *(_share(name, label) for name, label in SERVICES_SOCLES.items()),
)

REFERENCEMENT = Universe(
    name="referencement",
    title="Référencement Ségur",
    table=PRODUITS,
    time=DATE,
    rhythm=Rhythm.SNAPSHOT,
    axes=(
        DATE,
        COULOIR,
        DISPOSITIF,
        VAGUE,
        EDITEUR,
        PRODUIT,
        ETAT,
        *SERVICES,
        VERSION,
        REFERENCE_LE,
        RETIRE_LE,
    ),
    measures=MEASURES,
    source="Catalogue des solutions référencées Ségur",
    opened_by="segur",
    open_data=True,
)
