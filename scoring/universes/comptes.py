"""The ``comptes`` universe: the life of accounts, month by month, without name or address.

Its table is published by ``obs store publier-journal``. It is the operator's: no profile opens it, so an account
(``--utilisateur``) sees no row of it.
"""

from __future__ import annotations

import polars as pl

from lake.catalog.journal import COMPTES as TABLE
from lake.droits import PROFILS
from scoring.universes.model import Axis, Format, Kind, Measure, Order, Rhythm, Term, Universe

SIGN_IN = "compte.connexion"
EXPORTS = ("compte.export", "export.personnes")
NO_UPDATE = (SIGN_IN, *EXPORTS, "compte.deconnexion", "compte.echec", "compte.demande", "compte.sessions")
"""What an account does without changing anything of an account."""
STATES = {"invite": "Invité", "actif": "Actif", "desactive": "Désactivé"}

MOIS = Axis("mois", "Mois", pl.col("mois"), plural="Mois", order=Order.CODE)
COMPTE = Axis("compte", "Compte", pl.col("compte"))
PROFIL = Axis("profil", "Profil", pl.col("profil"), words=PROFILS)
ETAT = Axis("etat", "État", pl.col("etat"), words=STATES)
ACTION = Axis("action", "Action", pl.col("action"))
DERNIERE = Axis(
    "derniere_connexion",
    "Mois de la dernière connexion",
    pl.col("connecte_le").dt.strftime("%Y-%m"),
    plural="Mois de la dernière connexion",
)

_sign_in = pl.col("action") == SIGN_IN
_export = pl.col("action").is_in(EXPORTS)
_update = pl.col("action").str.starts_with("compte.") & ~pl.col("action").is_in(NO_UPDATE)


def _count(where: pl.Expr) -> Term:
    return Term(pl.col("nombre"), where=where)


COMPTES = Universe(
    name="comptes",
    title="Vie des comptes",
    table=TABLE,
    time=MOIS,
    rhythm=Rhythm.MONTHLY,
    axes=(MOIS, COMPTE, PROFIL, ETAT, ACTION, DERNIERE),
    measures=(
        Measure(
            "comptes_actifs",
            "Comptes qui ont agi",
            "comptes",
            Kind.DISTINCT,
            "Comptes qui ont fait au moins une action notée au journal dans la période, chacun compté une fois.",
            value=Term(pl.col("compte"), distinct=True),
            ne_mesure_pas="Un compte supprimé depuis, ou dont les lignes du journal ont été purgées, n'y est plus.",
        ),
        Measure(
            "comptes_connectes",
            "Comptes connectés",
            "comptes",
            Kind.DISTINCT,
            "Comptes qui se sont connectés au moins une fois dans la période, chacun compté une fois.",
            value=Term(pl.col("compte"), distinct=True, where=_sign_in),
        ),
        Measure(
            "connexions",
            "Connexions",
            "connexions",
            Kind.FLOW,
            "Connexions réussies.",
            value=_count(_sign_in),
        ),
        Measure(
            "exports",
            "Exports",
            "exports",
            Kind.FLOW,
            "Fichiers emportés (CSV, PDF, listes de personnes).",
            value=_count(_export),
        ),
        Measure(
            "mises_a_jour",
            "Mises à jour",
            "mises à jour",
            Kind.FLOW,
            "Actions de ces comptes sur des comptes, le leur compris : création, droits, mot de passe, décision…",
            value=_count(_update),
            ne_mesure_pas="Ni les connexions, ni les exports, ni les demandes d'inscription.",
        ),
        Measure(
            "mises_a_jour_par_compte",
            "Mises à jour par compte",
            "mises à jour par compte",
            Kind.RATIO,
            "Mises à jour, rapportées aux comptes qui ont agi dans la période.",
            numerator=_count(_update),
            denominator=Term(pl.col("compte"), distinct=True),
            format=Format.DECIMAL,
        ),
    ),
    source="Journal de la suite",
)
