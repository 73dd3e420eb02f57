"""Effecteurs whom the registers no longer know: looked for at each sending of messages, told to who must act."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from apps.kit.data.communes import successeurs
from apps.kit.data.praticiens import sortis_de_finess, sortis_de_l_annuaire
from apps.kit.style.french import counted, long_date
from apps.sas import words
from apps.sas.words import hour
from lake.horaires.heures import local_day
from lake.store.engine import Store
from lake.store.sas import lieux, perimetres, sorties, territoires
from lake.store.sas.sorties import Sortie
from lake.tables import Lake

MOST = 0.2
"""Above this share of those that a register knew, it is the register that is doubted, and nobody is taken out."""
FEW = 5
A_FAIRE = (
    "Déplacez ou annulez les rendez-vous gardés. S’il exerce toujours, faites corriger le registre (l’Ordre pour un "
    "praticien, l’ARS pour une structure) : ses créneaux reviendront d’eux-mêmes. Sinon, ouvrez son agenda, "
    "« Quitter le SAS »."
)


@dataclass(frozen=True)
class Registres:
    """What the registers say of those who offer care.

    Attributes:
        partis: identifier -> the first day without it.
        presents: those that are there.
        doutes: sentences on a register that has lost too many at once.
    """

    partis: dict[str, date] = field(default_factory=dict)
    presents: set[str] = field(default_factory=set)
    doutes: list[str] = field(default_factory=list)


def registres(lake: Lake, identifiants: Collection[str], today: date) -> Registres:
    """Who closed in FINESS, who left the latest extraction of the directory; who was never there is left alone.

    Args:
        lake: where the registers are; one that is not there says nothing.
        identifiants: 8 and the RPPS, or 1 and the FINESS.
        today: the day of a closing without date.
    """
    found = Registres()
    for known, left, name in (
        sortis_de_finess(lake, [one[1:] for one in identifiants if one[0] == "1"], today),
        sortis_de_l_annuaire(lake, [one for one in identifiants if one[0] == "8"]),
    ):
        if len(left) > max(FEW, MOST * (len(known) + len(left))):
            found.doutes.append(
                f"{name} ne connaît plus {len(left)} effecteurs sur {len(known) + len(left)} : personne n’est retiré. "
                "Vérifiez cette source, puis ingérez-la de nouveau."
            )
            continue
        found.partis.update(left)
        found.presents.update(known)
    return found


def verifier(store: Store, lake: Lake, *, now: datetime) -> list[str]:
    """Bring agendas to what the registers say, those of communes too; returns the sentences of what is doubted."""
    found = registres(lake, sorties.suivis(store), local_day(now))
    sorties.appliquer(store, found.partis, found.presents, now=now)
    if after := successeurs(lake):
        for room in (lieux, perimetres, territoires):
            room.traduire(store, after, now=now)
    return found.doutes


def message(left: list[Sortie], page: str, *, own: bool) -> tuple[str, str]:
    """What an administrator is told, or who keeps the agenda: who left, since when, which bookings stay, what to do."""
    first = left[0]
    subject = (
        f"SAS : {first.nom} n’est plus {_where(first)}"
        if len(left) == 1
        else f"SAS : {counted(len(left), 'effecteur')} ne sont plus dans les registres"
    )
    lines = []
    for one in left:
        since = long_date(one.le)
        lines.append(
            f"{one.nom} (SAS {words.named(one.sas)}) n’est plus {_where(one)} depuis le {since} : ses créneaux ne sont "
            "plus proposés à partir de ce jour."
        )
        kept = [f"- {long_date(local_day(held.debut, held.fuseau), weekday=True)} à {hour(held.debut, held.fuseau)} "
                f"({held.reference})" for held in one.gardes]  # fmt: skip
        lines += ["Rendez-vous gardés :", *kept, ""] if kept else ["Aucun rendez-vous à venir.", ""]
    lines.append(
        "Vous exercez toujours ? Faites corriger le registre (l’Ordre, ou l’ARS pour une structure) : vos créneaux "
        "reviendront d’eux-mêmes. Les rendez-vous gardés restent dans « Mon agenda » :"
        if own
        else f"À faire : {A_FAIRE[0].lower()}{A_FAIRE[1:]} La liste : « Comptes du SAS », « Sortis des registres » :"
    )
    return subject, "\n".join([*lines, page]) + "\n"


# -- inside ------------------------------------------------------------------------------------------


def _where(one: Sortie) -> str:
    return "ouvert dans FINESS" if one.genre == "structure" else "dans l’annuaire"
