"""Messages of the SAS: bookings to those who keep an agenda, and an unavailability that lasts.

``obs user envoyer`` composes what is due before it sends: run twice, or after days of rest, it tells each thing once.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from apps.kit.style.french import long_date
from apps.sas.words import SHORT, hour
from lake.horaires.heures import local_day
from lake.settings import Settings
from lake.store.accounts import outbox
from lake.store.engine import Store
from lake.store.sas import avis, inactifs, liens

GENRE = "sas"
RETOUR = "sas-retour"
"""Address of the page that a reminder's link opens."""
_TITLES = {"reserve": "Rendez-vous réservé", "deplace": "Rendez-vous déplacé", "annule": "Rendez-vous annulé"}


def composer(store: Store, *, now: datetime | None = None) -> int:
    """Keep the messages that are due and that nobody was told of; returns how many."""
    moment = now or datetime.now(UTC)
    kept = 0
    for one in avis.rendez_vous(store, now=moment):
        with store.writing():
            if avis.dire(store, one.cle, now=moment):
                subject, text = _booking(one)
                kept += _keep(store, one.comptes, subject, text, one.reference, moment, one.fin)
    for late in avis.rappels(store, now=moment):
        with store.writing():
            if avis.dire(store, late.cle, now=moment):
                subject, text = _reminder(late, address(liens.donner(store, late.effecteur_id, now=moment)))
                about = f"rappel {late.identifiant}"
                kept += _keep(store, late.comptes, subject, text, about, moment, moment + liens.DUREE)
    for unused, left in inactifs.avertir(store, now=moment):
        subject, text = _unused(unused, left)
        kept += _keep(store, (unused.compte_id,), subject, text, f"inactif {unused.sas}", moment, unused.fin)
    inactifs.retirer(store, now=moment)
    return kept


def address(end: str) -> str:
    """The whole address of a link of return."""
    return f"{Settings.from_env().url.rstrip('/')}/{RETOUR}?lien={end}"


def _keep(
    store: Store,
    accounts: tuple[int, ...],
    subject: str,
    text: str,
    about: str,
    now: datetime,
    until: datetime,
) -> int:
    for account in accounts:
        outbox.keep(
            store, account, subject, text, genre=GENRE, objet=about, envoi_le=now,
            expire_le=max(until, now + timedelta(hours=1)),
        )  # fmt: skip
    return len(accounts)


def _booking(one: avis.RendezVous) -> tuple[str, str]:
    """A booking in words: when, how, where, its reference; whose patient it is, nobody here knows."""
    day = long_date(local_day(one.debut, one.fuseau), weekday=True)
    when = f"{day} à {hour(one.debut, one.fuseau)}"
    where = f" : {one.lieu}" if one.lieu and one.modalite == "AMB" else ""
    text = (
        f"{_TITLES[one.genre]} par le SAS.\n\n"
        f"{one.effecteur}\n{when[0].upper()}{when[1:]}\n{SHORT[one.modalite]}{where}\n"
        f"Référence : {one.reference}\n\n"
        "Votre agenda : page « Mon agenda » de l'Observatoire e-santé.\n"
    )
    return f"{_TITLES[one.genre]} : {when}", text


def _reminder(one: avis.Rappel, link: str) -> tuple[str, str]:
    since = long_date(local_day(one.depuis))
    return (
        "Êtes-vous de nouveau disponible pour le SAS ?",
        f"{one.nom} est indiqué indisponible depuis le {since} ({one.jours} jours) : ses créneaux ne sont pas montrés "
        f"aux régulateurs.\n\nDe nouveau disponible ? Ouvrez ce lien et confirmez :\n{link}\n\n"
        "Sinon, ne faites rien : un autre message vous le rappellera dans trois semaines. Une absence prévue dans "
        "« Mon agenda » l'évite. Ce lien sert une fois.\n",
    )


def _unused(one: inactifs.Inactif, left: int) -> tuple[str, str]:
    return (
        f"Votre rôle de Régulateur-OSNP ({one.sas}) va être retiré",
        f"Vous ne vous êtes pas connecté depuis longtemps : dans {left} jours, le {long_date(local_day(one.fin))}, "
        f"votre rôle de Régulateur-OSNP dans {one.sas} sera retiré.\n\nPour le garder, connectez-vous une fois :\n"
        f"{Settings.from_env().url.rstrip('/')}/connexion\n\nVos autres rôles ne changent pas.\n",
    )
