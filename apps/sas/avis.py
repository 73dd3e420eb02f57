"""Messages of the SAS: bookings to those who keep an agenda, and an unavailability that lasts.

``obs user envoyer`` composes what is due before it sends: run twice, or after days of rest, it tells each thing once.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from apps.kit.style.french import counted, long_date
from apps.sas import registres, words
from apps.sas.words import SHORT, TYPES, hour
from lake.horaires.heures import local_day
from lake.settings import Settings
from lake.store.accounts import accounts, outbox
from lake.store.engine import Store
from lake.store.sas import avis, consentements, delegations, inactifs, liens, roles, sorties
from lake.store.sas.sorties import Sortie

GENRE = "sas"
_WEEK = timedelta(days=7)
RETOUR = "sas-retour"
"""Address of the page that a reminder's link opens."""
_TITLES = {"reserve": "Rendez-vous réservé", "deplace": "Rendez-vous déplacé", "annule": "Rendez-vous annulé"}
_MANY = {"reserve": "réservés", "deplace": "déplacés", "annule": "annulés"}


def composer(store: Store, *, now: datetime | None = None) -> int:
    """Keep the messages that are due and that nobody was told of; returns how many."""
    moment = now or datetime.now(UTC)
    kept = 0
    found = avis.rendez_vous(store, now=moment)
    for one in found:
        subject, text = _booking(one)
        for account in one.comptes:
            with store.writing():
                if avis.dire(store, one.cle(account), now=moment):
                    kept += _keep(store, (account,), subject, text, one.reference, moment, one.fin)
    for account in dict.fromkeys(account for one in found for account in one.recueil):
        kept += _digest(store, account, [one for one in found if account in one.recueil], moment)
    kept += _delegations(store, moment) + _left(store, moment) + _chosen(store, moment)
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


def _delegations(store: Store, moment: datetime) -> int:
    """Requests of delegation: told to the practitioner, who decides, and to the administrators of the SAS."""
    kept = 0
    people = {one.id: one for one in accounts.everyone(store)}
    for one in delegations.en_attente(store, now=moment):
        for account in dict.fromkeys((one.titulaire, *roles.administrateurs_de(store, one.sas))):
            if account is None or account not in people or one.delegue not in people:
                continue
            with store.writing():
                if avis.dire(store, avis.condense("delegation", str(one.id), str(account)), now=moment):
                    subject, text = _delegation(one, people[one.delegue].name, own=account == one.titulaire)
                    kept += _keep(store, (account,), subject, text, f"delegation {one.id}", moment, one.fin)
    for one in delegations.expirees(store, now=moment):
        if one.delegue not in people:
            continue
        with store.writing():
            if avis.dire(store, avis.condense("expiree", str(one.id)), now=moment):
                subject = f"Demande sans réponse : l'agenda de {one.effecteur}"
                text = (
                    f"Votre demande de tenir l'agenda de {one.effecteur} (SAS {words.named(one.sas)}) est restée sans "
                    f"réponse {delegations.DELAI.days} jours : elle a expiré, rien ne s'est ouvert.\n\n"
                    "Pour la refaire, demandez au praticien de vous ajouter dans « Mon agenda », « Délégués » :\n"
                    f"{_page('sas-agenda')}\n"
                )
                kept += _keep(
                    store, (one.delegue,), subject, text, f"expiree {one.id}", moment, moment + _WEEK
                )
    return kept


def _chosen(store: Store, moment: datetime) -> int:
    """What an editor may show of somebody, chosen by another: told to the holder, who may undo it."""
    kept = 0
    for one in consentements.choisis_par_autrui(store, moment - timedelta(days=3)):
        with store.writing():
            if avis.dire(store, avis.condense("consentement", str(one.numero)), now=moment):
                subject, text = _consent(one)
                kept += _keep(
                    store, (one.compte,), subject, text, f"choix {one.numero}", moment, moment + _WEEK
                )
    return kept


def _consent(one: consentements.Choisi) -> tuple[str, str]:
    shown = ", ".join(TYPES[kind].lower() for kind in one.types if kind in TYPES) or "plus rien"
    return (
        f"Créneaux de {one.editeur} : un choix fait pour vous",
        f"Le {long_date(local_day(one.moment))}, {one.auteur} a choisi ce que {one.editeur} montre aux régulateurs de "
        f"l'agenda de {one.effecteur} : {shown}.\n\n"
        "Ce choix vaut déjà. Pour le changer : « Mon agenda », « Créneaux de mes logiciels » :\n"
        f"{_page('sas-agenda')}\n",
    )


def _left(store: Store, moment: datetime) -> int:
    """Those whom the registers no longer know: told once to their administrators, and to who keeps their agenda."""
    told: dict[tuple[int, bool], list[Sortie]] = {}
    for one in sorties.lister(store, now=moment):
        for account in roles.administrateurs_de(store, one.sas):
            told.setdefault((account, False), []).append(one)
        for account in one.comptes:
            told.setdefault((account, True), []).append(one)
    kept = 0
    for (account, own), people in told.items():
        with store.writing():
            new = [one for one in people if avis.dire(store, _left_key(one, account, own), now=moment)]
            if new:
                subject, text = registres.message(new, _page("sas-agenda" if own else "sas-comptes"), own=own)
                about = f"sortie {avis.condense(*(one.identifiant for one in new))[:12]}"
                kept += _keep(store, (account,), subject, text, about, moment, moment + _WEEK)
    return kept


def _left_key(one: Sortie, account: int, own: bool) -> str:
    return avis.condense("sortie", one.identifiant, one.le.isoformat(), str(account), str(own))


def demander_compte(
    store: Store, effecteur: str, sas: str, email: str, *, now: datetime | None = None
) -> int:
    """Tell the administrators of a SAS that a delegate is asked for who has no account; returns how many are told.

    The address is in their message alone, which is erased once it is sent.
    """
    moment = now or datetime.now(UTC)
    text = (
        f"{effecteur} (SAS {words.named(sas)}) demande que {email} tienne son agenda, et cette adresse n'a pas "
        "de compte.\n\n"
        f"Créez-le dans « Comptes du SAS », puis prévenez le praticien : il refera sa demande, et l'acceptera.\n"
        f"{_page('sas-comptes')}\n"
    )
    told = roles.administrateurs_de(store, sas)
    about = f"delegue {avis.condense(effecteur, email)[:12]}"
    return _keep(store, tuple(told), f"Un compte à créer pour un délégué de {effecteur}", text, about, moment,
                 moment + delegations.DELAI)  # fmt: skip


def address(end: str) -> str:
    """The whole address of a link of return."""
    return f"{_page(RETOUR)}?lien={end}"


def _page(name: str) -> str:
    return f"{Settings.from_env().url.rstrip('/')}/{name}"


def _keep(
    store: Store,
    told: tuple[int, ...],
    subject: str,
    text: str,
    about: str,
    now: datetime,
    until: datetime,
) -> int:
    for account in told:
        outbox.keep(
            store, account, subject, text, genre=GENRE, objet=about, envoi_le=now,
            expire_le=max(until, now + timedelta(hours=1)),
        )  # fmt: skip
    return len(told)


def _booking(one: avis.RendezVous) -> tuple[str, str]:
    """A booking in words: when, how, where, its reference; whose patient it is, nobody here knows."""
    when = _when(one)
    where = f" : {one.lieu}" if one.lieu and one.modalite == "AMB" else ""
    text = (
        f"{_TITLES[one.genre]} par le SAS.\n\n"
        f"{one.effecteur}\n{when[0].upper()}{when[1:]}\n{SHORT[one.modalite]}{where}\n"
        f"Référence : {one.reference}\n\n"
        f"Votre agenda : {_page('sas-agenda')}\n"
    )
    return f"{_TITLES[one.genre]} : {when}", text


def _digest(store: Store, account: int, found: list[avis.RendezVous], moment: datetime) -> int:
    """What changed since the last digest of an account, in one message: each thing in one digest alone."""
    with store.writing():
        told = [one for one in found if avis.dire(store, one.cle(account), now=moment)]
        if not told:
            return 0
        subject, text = recueil(told)
        about = f"recueil {local_day(moment).isoformat()}"
        return _keep(store, (account,), subject, text, about, moment, moment + timedelta(days=2))


def recueil(found: list[avis.RendezVous]) -> tuple[str, str]:
    """A digest in words: agenda by agenda, what is booked, moved, cancelled, by hour."""
    counts = [
        counted(len(some), f"rendez-vous {many[:-1]}", f"rendez-vous {many}")
        for genre, many in _MANY.items()
        if (some := [one for one in found if one.genre == genre])
    ]
    lines = ["Depuis votre dernier récapitulatif du SAS :", ""]
    for person in sorted({one.effecteur for one in found}):
        lines.append(person)
        for genre, many in _MANY.items():
            mine = [one for one in found if (one.effecteur, one.genre) == (person, genre)]
            lines += [f"{many.capitalize()} :"] if mine else []
            for one in sorted(mine, key=lambda each: (each.debut, each.reference)):
                where = f" : {one.lieu}" if one.lieu and one.modalite == "AMB" else ""
                lines.append(f"- {_when(one)}, {SHORT[one.modalite].lower()}{where} ({one.reference})")
        lines.append("")
    lines.append(f"Votre agenda, et le choix de ces messages : {_page('sas-agenda')}")
    return f"SAS : {', '.join(counts)}", "\n".join(lines) + "\n"


def _when(one: avis.RendezVous) -> str:
    return f"{long_date(local_day(one.debut, one.fuseau), weekday=True)} à {hour(one.debut, one.fuseau)}"


def _delegation(one: delegations.Demande, name: str, *, own: bool) -> tuple[str, str]:
    until = long_date(local_day(one.fin))
    if own:
        return (
            f"{name} demande à tenir votre agenda du SAS",
            f"{name} pourra modifier vos plages et vos absences si vous l'acceptez, avant le {until}, dans "
            f"« Mon agenda », « Délégués » :\n{_page('sas-agenda')}\n\nSans réponse, rien ne s'ouvre.\n",
        )
    end = "Le praticien a reçu cette demande : lui seul l'accepte."
    if one.titulaire is None:
        end = "Le praticien n'a pas de compte relié à son agenda : invitez-le d'abord, lui seul accepte."
    return (
        f"Délégation demandée : {name}, pour {one.effecteur}",
        f"{name} demande à tenir l'agenda de {one.effecteur} (SAS {words.named(one.sas)}), jusqu'au {until}. {end}\n\n"
        f"Vous pouvez y mettre fin dans son agenda, « Délégués » :\n{_page('sas-agenda')}\n",
    )


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
        f"Votre rôle de Régulateur-OSNP ({words.named(one.sas)}) va être retiré",
        f"Vous ne vous êtes pas connecté depuis longtemps : dans {left} jours, le {long_date(local_day(one.fin))}, "
        f"votre rôle de Régulateur-OSNP du SAS {words.named(one.sas)} sera retiré.\n\n"
        "Pour le garder, connectez-vous une fois :\n"
        f"{_page('connexion')}\n\nVos autres rôles ne changent pas.\n",
    )
