"""The card of a collaborator: details, manager, right to create, narrowing with its preview, disable, delete."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import streamlit as st

from apps.acces import arbre, remise
from apps.acces.champs import NOM, ORGANISATION, PRENOM, PROFIL, RPPS, people
from apps.acces.compte import facts
from apps.acces.reperes import departements_known, droits_in_words, editors_known, regions_known
from apps.acces.words import moment
from apps.kit import forms
from apps.kit.access import session
from apps.kit.access.access import Audience
from apps.kit.access.session import Reader
from apps.kit.data.data import open_lake
from apps.kit.forms import Action, Done, Field, Form, Kind, Submission, Values, choice, several, told
from apps.kit.style.french import counted, typographic
from lake.catalog.convergence import SERVICES
from lake.catalog.segur import CUMULS_EDITEURS
from lake.contract import Table
from lake.droits import PROFILS, UNIVERS, Droits, narrowing
from lake.errors import AccessDenied, EditConflict, LakeError, Refused
from lake.store.accounts import accounts, bulk, identity, possessions, tree
from lake.store.accounts.identity import STATES, Compte
from lake.store.accounts.links import Genre
from scoring import droits as rights

IDENTITY = Form(
    "identite",
    (PRENOM, NOM, ORGANISATION, RPPS, PROFIL),
    audience=Audience.ADMINISTRATORS,
    draft=True,
    border=False,
)
NARROW = Form(
    "restreindre",
    (
        several("univers", "Univers", UNIVERS, empty="Aucun"),
        several("regions", "Régions vues en détail", regions_known, empty="Toutes"),
        several("departements", "Départements, à l’exclusion des autres", departements_known, empty="Tous"),
        Field(
            "agreges",
            "Les autres régions, en chiffres agrégés",
            Kind.BOOLEAN,
            shown=lambda values: bool(values["regions"]),
        ),
    ),
    (Action("ok", "Enregistrer cette restriction"),),
    audience=Audience.MANAGERS,
    border=False,
)
MANAGER = Form("responsable", (), audience=Audience.MANAGERS, border=False)
DELETION = Form(
    "supprimer",
    (),
    (Action("supprimer", "Supprimer ce compte", main=False),),
    audience=Audience.MANAGERS,
    border=False,
)
COUNTED = {"Ségur, par éditeur": CUMULS_EDITEURS, "Convergence, services": SERVICES}
"""What the preview of a narrowing counts."""


def draw(person: Reader, number: int) -> None:
    """Draw the card of an account that the reader commands.

    Raises:
        AccessDenied: the account does not answer to this reader.
    """
    store = session.store()
    if number == person.compte.id or not tree.commands(store, person.compte, number):
        raise AccessDenied("Ce compte ne dépend pas de vous.")
    compte = accounts.get(store, number)
    st.header(compte.name, anchor=False)
    droits = tree.rights(store, compte)
    above = next((one for one in accounts.everyone(store) if one.id == compte.responsable_id), None)
    facts(
        [
            ("Adresse électronique", compte.email),
            ("Organisation", compte.organisation),
            ("Profil", PROFILS[compte.profil]),
            ("État", STATES[compte.etat]),
            ("Responsable", above.name if above else "aucun"),
            ("Crée des comptes", "oui" if compte.peut_creer or compte.administrateur else "non"),
            ("Ce que ce compte voit", droits_in_words(droits)),
            ("Dernière connexion", moment(compte.connecte_le)),
        ]
    )
    with st.expander("Restreindre ce que ce compte voit", key=f"fiche_droits_{compte.id}"):
        _narrow(compte)
    with st.expander("Responsable et délégation", key=f"fiche_responsable_{compte.id}"):
        _manager(person, compte)
    if person.administrator:
        with st.expander("Identité, organisation, profil", key=f"fiche_identite_{compte.id}"):
            _identity(compte)
    with st.expander("Lien, désactivation, suppression", key=f"fiche_etat_{compte.id}"):
        _state(person, compte)


def _narrow(compte: Compte) -> None:
    store, now = session.store(), identity.narrowed(compte)

    def preview(values: Values) -> None:
        # The very function that decides what an account sees, on the account as it would be.
        shown = tree.rights(store, replace(compte, droits=_wanted(now, values).to_json()))
        said = f"Ce compte verrait : {droits_in_words(shown)}."
        st.html(f'<p class="obs-lecture-vue">{typographic(said)}</p>')
        st.html(f'<p class="obs-source">{typographic(_counts(tree.rights(store, compte), shown))}</p>')

    forms.draw(
        NARROW,
        lambda sent: _narrowed(sent, compte),
        about=compte.id,
        initial=_fields(now),
        revision=compte.revision,
        preview=preview,
    )


def _fields(droits: Droits) -> dict[str, object]:
    """Rights, as the form shows them: the places that the lake knows."""
    regions, places = regions_known(), departements_known()
    return {
        "univers": sorted(droits.univers),
        "regions": [code for code in sorted(droits.regions or ()) if code in regions],
        "departements": [code for code in sorted(droits.departements or ()) if code in places],
        "agreges": droits.agreges,
    }


def _wanted(now: Droits, values: Values) -> Droits:
    """The rights that the form says; places that the lake does not know stay as they are."""
    regions = frozenset(values["regions"]) | (now.regions or frozenset()).difference(regions_known())
    places = frozenset(values["departements"]) | (now.departements or frozenset()).difference(
        departements_known()
    )
    return Droits(
        frozenset(values["univers"]),
        regions or None,
        places or None,
        now.editeurs,
        values.get("agreges", now.agreges) if values["regions"] else now.agreges,
    )


def _narrowed(sent: Submission, compte: Compte) -> str:
    store, author = session.store(), _commanded(sent, compte)
    wanted = _wanted(identity.narrowed(compte), sent.values)
    try:
        changed = accounts.narrow(store, compte.id, wanted, author, revision=sent.revision)
    except EditConflict as conflict:
        raise EditConflict(
            _fields(narrowing(str(conflict.theirs["droits"]))), conflict.revision
        ) from conflict
    return (
        f"Droits enregistrés : {changed.name} voit désormais {droits_in_words(tree.rights(store, changed))}."
    )


def _commanded(sent: Submission, compte: Compte) -> str:
    """The address of who sends, if the account still answers to it.

    Raises:
        AccessDenied: it does not any more.
    """
    actor = sent.person.compte
    if compte.id == actor.id or not tree.commands(session.store(), actor, compte.id):
        raise AccessDenied("Ce compte ne dépend plus de vous.")
    return actor.email


def _counts(now: Droits, then: Droits) -> str:
    """How many rows the account sees now, and would see, where the lake has them."""
    scan = open_lake().scan

    def seen(droits: Droits, table: Table) -> int:
        predicate = rights.rule(droits, scan)(table)
        frame = scan(table)
        kept = frame if predicate is None else frame.filter(predicate)
        return int(kept.select(pl.len()).collect().item())

    said = []
    for name, table in COUNTED.items():
        try:
            before, after = seen(now, table), seen(then, table)
        except LakeError:
            continue
        change = "inchangé" if after == before else f"au lieu de {counted(before, 'ligne')}"
        said.append(f"{name} : {counted(after, 'ligne')}, {change}")
    return " ; ".join(said) + "." if said else "Rien n’est publié : l’aperçu ne peut rien compter."


def _leaves(objects: int, people: int) -> str:
    """What a deletion hands on."""
    return (
        f"Ce compte laisse {counted(objects, 'objet enregistré', 'objets enregistrés')} (liens partagés, analyses) et "
        f"{counted(people, 'personne')} sous sa responsabilité : tout va à l’héritier."
    )


def _manager(person: Reader, compte: Compte) -> None:
    store = session.store()
    known = accounts.everyone(store)
    below = {one.id for _, one in tree.under(known, compte.id)} | {compte.id}
    mine = {one.id for _, one in tree.under(known, person.compte.id)} | {person.compte.id}
    offered = [one for one in known if one.id not in below and (person.administrator or one.id in mine)]
    others = [one for one in offered if one.responsable_id != compte.id and one.id != person.compte.id]
    fields = (
        choice("responsable_id", "Responsable", people(offered)),
        Field("peut_creer", "Peut créer des comptes à son tour", Kind.BOOLEAN),
        several("rattacher", "Rattacher d’autres personnes", people(others), empty="Personne"),
    )
    forms.draw(
        replace(MANAGER, parts=fields),
        lambda sent: _attached(sent, compte),
        about=compte.id,
        initial={"responsable_id": compte.responsable_id, "peut_creer": compte.peut_creer},
        revision=compte.revision,
    )


def _attached(sent: Submission, compte: Compte) -> str:
    store, author, actor = session.store(), _commanded(sent, compte), sent.person.compte
    changed = dict(sent.changed)
    attached = changed.pop("rattacher", [])
    for number in [*attached, *(changed[name] for name in ("responsable_id",) if name in changed)]:
        if number != actor.id and not tree.commands(store, actor, number):
            raise AccessDenied("Une personne choisie ne dépend plus de vous.")
    with store.writing():  # all of it, or nothing
        if changed:
            accounts.change(store, compte.id, author, revision=sent.revision, **changed)
        for number in attached:
            accounts.change(store, number, author, responsable_id=compte.id)
    return f"Compte modifié : {compte.email}."


def _identity(compte: Compte) -> None:
    """What only an administrator changes: the organisation and the profile decide what is seen."""
    forms.draw(
        IDENTITY,
        lambda sent: _identified(sent, compte),
        about=compte.id,
        initial={one.name: getattr(compte, one.name) for one in IDENTITY.fields()},
        revision=compte.revision,
    )
    editors = editors_known()
    if compte.profil == "industriel" and editors and compte.organisation not in editors:
        st.warning(
            typographic(
                "Aucun éditeur des données Ségur ne porte exactement ce nom : ce compte ne verrait rien."
            )
        )


def _identified(sent: Submission, compte: Compte) -> str:
    store, author, changed = session.store(), _commanded(sent, compte), dict(sent.changed)
    others = [one for one in accounts.everyone(store) if one.id != compte.id]
    bulk.refuse_known_rpps(others, changed.get("rpps", ""))
    accounts.change(store, compte.id, author, revision=sent.revision, **changed)
    return f"Compte modifié : {compte.email}."


def _state(person: Reader, compte: Compte) -> None:
    store, author = session.store(), person.compte.email
    with st.container(horizontal=True):
        if compte.etat != "desactive" and st.button(
            "Envoyer un lien d’activation" if compte.etat == "invite" else "Envoyer un lien de mot de passe",
            key=f"lien_{compte.id}",
        ):
            genre = Genre.OUBLI if compte.etat == "actif" else Genre.ACTIVATION
            told.tell(remise.sent(store, compte, genre, author))
            st.rerun()
        if compte.etat == "desactive":
            if st.button("Réactiver", key=f"reactiver_{compte.id}"):
                accounts.enable(store, compte.id, author)
                st.rerun()
        elif st.button("Désactiver", key=f"desactiver_{compte.id}"):
            accounts.disable(store, compte.id, author)
            st.rerun()
    known = accounts.everyone(store)
    below = known if person.administrator else [one for _, one in tree.under(known, person.compte.id)]
    heirs = [
        person.compte,
        *(one for one in below if one.id not in (compte.id, person.compte.id) and one.etat != "desactive"),
    ]
    left = possessions.count(store, compte.id)
    st.html(
        f'<p class="obs-source">{typographic(_leaves(left, sum(one.responsable_id == compte.id for one in known)))}</p>'
    )
    fields = (
        choice("heritier", "Héritier de ce qui lui appartient", people(heirs)),
        Field("confirmation", "Pour confirmer, recopiez son adresse électronique"),
    )
    forms.draw(
        replace(DELETION, parts=fields),
        lambda sent: _deleted(sent, compte),
        about=compte.id,
        initial={"heritier": heirs[0].id},
    )


def _deleted(sent: Submission, compte: Compte) -> Done:
    store, author = session.store(), _commanded(sent, compte)
    if sent.values["confirmation"].lower() != compte.email:
        raise Refused("confirmation", "L’adresse recopiée n’est pas celle du compte.")
    heir = accounts.get(store, sent.values["heritier"])
    possessions.delete(store, compte.id, heir.id, author)
    said = f"Compte supprimé : {compte.email}. Ce qui lui appartenait va à {heir.name}."
    return Done((said,), then=lambda: arbre.choose(None))
