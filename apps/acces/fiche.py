"""The card of a collaborator: details, manager, right to create, narrowing with its preview, disable, delete."""

from __future__ import annotations

import polars as pl
import streamlit as st

from apps.acces import arbre, messages
from apps.acces.compte import facts
from apps.acces.words import moment
from apps.kit import session
from apps.kit.data import open_lake
from apps.kit.french import counted, typographic
from apps.kit.session import Reader
from lake.catalog.segur import CUMULS_EDITEURS
from lake.catalog.territoires import DEPARTEMENTS, REGIONS
from lake.droits import PROFILS, UNIVERS, Droits
from lake.errors import AccessDenied, LakeError
from lake.store import accounts
from lake.store.accounts import STATES, Compte
from lake.store.links import Genre
from scoring import droits as rights


def draw(person: Reader, number: int) -> None:
    """Draw the card of an account that the reader commands.

    Raises:
        AccessDenied: the account does not answer to this reader.
    """
    store = session.store()
    if number == person.compte.id or not accounts.commands(store, person.compte, number):
        raise AccessDenied("Ce compte ne dépend pas de vous.")
    compte = accounts.get(store, number)
    st.header(compte.name, anchor=False)
    droits = accounts.rights(store, compte)
    above = next((one for one in accounts.everyone(store) if one.id == compte.responsable_id), None)
    facts(
        [
            ("Adresse électronique", compte.email),
            ("Organisation", compte.organisation),
            ("Profil", PROFILS[compte.profil]),
            ("État", STATES[compte.etat]),
            ("Responsable", above.name if above else "aucun"),
            ("Ce que ce compte voit", droits.words()),
            ("Dernière connexion", moment(compte.connecte_le)),
        ]
    )
    with st.expander("Restreindre ce que ce compte voit"):
        _narrow(person, compte)
    with st.expander("Responsable et délégation"):
        _manager(person, compte)
    with st.expander("Lien, désactivation, suppression"):
        _state(person, compte)


def _narrow(person: Reader, compte: Compte) -> None:
    lake, now = open_lake(), accounts.narrowed(compte)
    regions = dict(lake.scan(REGIONS).select("code_region", "region").collect().iter_rows())
    places = dict(lake.scan(DEPARTEMENTS).select("code_departement", "departement").collect().iter_rows())
    key = f"restreindre_{compte.id}"
    univers = st.multiselect(
        "Univers", list(UNIVERS), sorted(now.univers), format_func=UNIVERS.__getitem__, key=f"{key}_univers"
    )
    chosen_regions = st.multiselect(
        "Régions dont il voit le détail",
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
    wanted = Droits(
        frozenset(univers),
        frozenset(chosen_regions) or None,
        frozenset(departements) or None,
        now.editeurs,
    )
    limit = person.droits if not person.administrator else Droits(frozenset(UNIVERS))
    shown = accounts.preview(compte, wanted, limit)
    st.html(f'<p class="obs-lecture-vue">{typographic(f"Il verrait : {shown.words()}.")}</p>')
    st.html(
        f'<p class="obs-source">{typographic(_counts(accounts.rights(session.store(), compte), shown))}</p>'
    )
    if st.button("Enregistrer cette restriction", type="primary", key=f"{key}_ok", disabled=wanted == now):
        accounts.narrow(session.store(), compte.id, wanted, person.compte.email)
        st.rerun()


def _counts(now: Droits, then: Droits) -> str:
    """How many Ségur figures the account sees now, and would see."""
    scan = open_lake().scan

    def seen(droits: Droits) -> int:
        predicate = rights.rule(droits, scan)(CUMULS_EDITEURS)
        frame = scan(CUMULS_EDITEURS)
        kept = frame if predicate is None else frame.filter(predicate)
        return int(kept.select(pl.len()).collect().item())

    try:
        before, after = seen(now), seen(then)
    except LakeError:
        return "Aucune donnée Ségur n’est publiée : l’aperçu ne peut pas les compter."
    return f"Ségur : {counted(after, 'ligne')} au lieu de {counted(before, 'ligne')}."


def _manager(person: Reader, compte: Compte) -> None:
    store = session.store()
    known = accounts.everyone(store)
    below = {one.id for _, one in accounts.under(known, compte.id)} | {compte.id}
    mine = {one.id for _, one in accounts.under(known, person.compte.id)} | {person.compte.id}
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


def _state(person: Reader, compte: Compte) -> None:
    store, author = session.store(), person.compte.email
    with st.container(horizontal=True):
        if compte.etat != "desactive" and st.button(
            "Envoyer un lien de mot de passe", key=f"lien_{compte.id}"
        ):
            genre = Genre.OUBLI if compte.etat == "actif" else Genre.ACTIVATION
            if link := messages.send(store, compte, genre, auteur=author):
                st.code(link, language=None)
            else:
                st.success("Le lien est envoyé.")
        if compte.etat == "desactive":
            if st.button("Réactiver", key=f"reactiver_{compte.id}"):
                accounts.enable(store, compte.id, author)
                st.rerun()
        elif st.button("Désactiver", key=f"desactiver_{compte.id}"):
            accounts.disable(store, compte.id, author)
            st.rerun()
    offered = [person.compte, *(one for _, one in accounts.under(accounts.everyone(store), person.compte.id))]
    heirs = [one for one in offered if one.id != compte.id]
    with st.form(f"supprimer_{compte.id}", border=False):
        heir = st.selectbox("Héritier de ce qui lui appartient", heirs, format_func=lambda one: one.name)
        sure = st.text_input("Pour confirmer, recopiez son adresse électronique")
        if st.form_submit_button("Supprimer ce compte"):
            if sure.strip().lower() != compte.email:
                st.warning("L’adresse recopiée n’est pas celle du compte.")
            else:
                accounts.delete(store, compte.id, heir.id, author)
                arbre.choose(None)
                st.rerun()
