"""The card of a collaborator: details, manager, right to create, narrowing with its preview, disable, delete."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import streamlit as st

from apps.acces import arbre, remise
from apps.acces.compte import facts
from apps.acces.reperes import departements_known, droits_in_words, editors_known, regions_known
from apps.acces.words import moment
from apps.kit.access import session
from apps.kit.access.session import Reader
from apps.kit.data.data import open_lake
from apps.kit.style.french import counted, typographic
from lake.catalog.convergence import SERVICES
from lake.catalog.segur import CUMULS_EDITEURS
from lake.contract import Table
from lake.droits import PROFILS, UNIVERS, Droits
from lake.errors import AccessDenied, LakeError
from lake.store.accounts import accounts, bulk, identity, possessions, tree
from lake.store.accounts.identity import STATES, Compte
from lake.store.accounts.links import Genre
from scoring import droits as rights

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
    with st.expander("Restreindre ce que ce compte voit"):
        _narrow(person, compte)
    with st.expander("Responsable et délégation"):
        _manager(person, compte)
    if person.administrator:
        with st.expander("Identité, organisation, profil"):
            _identity(person, compte)
    with st.expander("Lien, désactivation, suppression"):
        _state(person, compte)


def _narrow(person: Reader, compte: Compte) -> None:
    now = identity.narrowed(compte)
    regions, places = regions_known(), departements_known()
    key = f"restreindre_{compte.id}"
    univers = st.multiselect(
        "Univers", list(UNIVERS), sorted(now.univers), format_func=UNIVERS.__getitem__, key=f"{key}_univers"
    )
    chosen_regions = st.multiselect(
        "Régions vues en détail",
        list(regions),
        [code for code in sorted(now.regions or ()) if code in regions],
        format_func=lambda code: regions.get(code, code),
        placeholder="Toutes",
        key=f"{key}_regions",
    )
    departements = st.multiselect(
        "Départements, à l’exclusion des autres",
        list(places),
        [code for code in sorted(now.departements or ()) if code in places],
        format_func=lambda code: places.get(code, code),
        placeholder="Tous",
        key=f"{key}_departements",
    )
    elsewhere = st.checkbox(
        "Les autres régions, en chiffres agrégés",
        now.agreges,
        key=f"{key}_agreges",
        disabled=not chosen_regions,
    )
    wanted = Droits(
        frozenset(univers),
        frozenset(chosen_regions) | (now.regions or frozenset()).difference(regions) or None,
        frozenset(departements) | (now.departements or frozenset()).difference(places) or None,
        now.editeurs,
        elsewhere if chosen_regions else now.agreges,
    )
    store = session.store()
    # The very function that decides what an account sees, on the account as it would be.
    shown = tree.rights(store, replace(compte, droits=wanted.to_json()))
    st.html(f'<p class="obs-lecture-vue">{typographic(f"Ce compte verrait : {droits_in_words(shown)}.")}</p>')
    st.html(f'<p class="obs-source">{typographic(_counts(tree.rights(store, compte), shown))}</p>')
    if st.button("Enregistrer cette restriction", type="primary", key=f"{key}_ok", disabled=wanted == now):
        accounts.narrow(store, compte.id, wanted, person.compte.email)
        remise.say(f"Droits enregistrés : {compte.name} voit désormais {droits_in_words(shown)}.")
        st.rerun()


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
    with st.form(f"responsable_{compte.id}", border=False):
        index = next((i for i, one in enumerate(offered) if one.id == compte.responsable_id), 0)
        manager = st.selectbox("Responsable", offered, index=index, format_func=lambda one: one.name)
        passes_on = st.checkbox("Peut créer des comptes à son tour", compte.peut_creer)
        attached = st.multiselect(
            "Rattacher d’autres personnes",
            [one for one in offered if one.responsable_id != compte.id and one.id != person.compte.id],
            format_func=lambda one: one.name,
            placeholder="Personne",
        )
        sent = st.form_submit_button("Enregistrer", type="primary")
    if sent:
        accounts.change(
            store,
            compte.id,
            person.compte.email,
            responsable_id=manager.id,
            peut_creer=passes_on and person.manager,
        )
        for one in attached:
            accounts.change(store, one.id, person.compte.email, responsable_id=compte.id)
        st.rerun()


def _identity(person: Reader, compte: Compte) -> None:
    """What only an administrator changes: the organisation and the profile decide what is seen."""
    with st.form(f"identite_{compte.id}", border=False):
        prenom = st.text_input("Prénom", compte.prenom, max_chars=100)
        nom = st.text_input("Nom", compte.nom, max_chars=100)
        organisation = st.text_input("Organisation", compte.organisation, max_chars=200)
        rpps = st.text_input("Numéro RPPS", compte.rpps, max_chars=11)
        names = list(PROFILS)
        profil = st.selectbox(
            "Profil", names, index=names.index(compte.profil), format_func=PROFILS.__getitem__
        )
        sent = st.form_submit_button("Enregistrer", type="primary")
    editors = editors_known()
    if compte.profil == "industriel" and editors and compte.organisation not in editors:
        st.warning(
            typographic(
                "Aucun éditeur des données Ségur ne porte exactement ce nom : ce compte ne verrait rien."
            )
        )
    if not sent:
        return
    if len(prenom.strip()) < 2 or len(nom.strip()) < 2:
        raise LakeError("Il manque le nom ou le prénom.")
    number = rpps.strip()
    if number and not (number.isdigit() and len(number) == 11):
        raise LakeError(f"« {number} » n'est pas un numéro RPPS.", conseil="Onze chiffres, ou rien.")
    store = session.store()
    bulk.refuse_known_rpps([one for one in accounts.everyone(store) if one.id != compte.id], number)
    wanted = {
        "prenom": prenom.strip(),
        "nom": nom.strip(),
        "organisation": " ".join(organisation.split()),
        "rpps": number,
        "profil": profil,
    }
    changed = {name: value for name, value in wanted.items() if value != getattr(compte, name)}
    if changed:
        accounts.change(store, compte.id, person.compte.email, **changed)
        remise.say(f"Compte modifié : {compte.email}.")
    st.rerun()


def _state(person: Reader, compte: Compte) -> None:
    store, author = session.store(), person.compte.email
    with st.container(horizontal=True):
        if compte.etat != "desactive" and st.button(
            "Envoyer un lien d’activation" if compte.etat == "invite" else "Envoyer un lien de mot de passe",
            key=f"lien_{compte.id}",
        ):
            remise.send(store, compte, Genre.OUBLI if compte.etat == "actif" else Genre.ACTIVATION, author)
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
    with st.form(f"supprimer_{compte.id}", border=False):
        heir = st.selectbox("Héritier de ce qui lui appartient", heirs, format_func=lambda one: one.name)
        sure = st.text_input("Pour confirmer, recopiez son adresse électronique")
        if st.form_submit_button("Supprimer ce compte"):
            if sure.strip().lower() != compte.email:
                st.warning("L’adresse recopiée n’est pas celle du compte.")
            else:
                possessions.delete(store, compte.id, heir.id, author)
                remise.say(f"Compte supprimé : {compte.email}. Ce qui lui appartenait va à {heir.name}.")
                arbre.choose(None)
                st.rerun()
