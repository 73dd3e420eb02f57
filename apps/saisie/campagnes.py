"""Campagne: where each side stands; a campaign is closed, or a closed one taken up again, by an administrator.

A closing goes through the ingestion, that no page may reach: it is the operator's own command, started by the server.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from html import escape
from pathlib import Path

import polars as pl
import streamlit as st

from apps.kit import forms
from apps.kit.access.access import Audience
from apps.kit.data.data import open_lake
from apps.kit.forms import Field, Form, Kind, Submission, choice, told
from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, listing, long_date, typographic
from apps.saisie import cloture, publication
from apps.saisie.entree import Entree, aide, entree
from apps.saisie.personnes import personne
from lake.catalog.convergence import PLANS, REPONSES, SERVICES
from lake.errors import LakeError, Refused
from lake.store.saisie import campagnes
from lake.store.saisie.frames import PARIS, brouillons
from scoring.saisie.volets import INDUSTRIELS, REGIONS

VOLETS = {REGIONS: "Services des régions", INDUSTRIELS: "Produits des éditeurs"}
_MOST_S = 900
"""Seconds that a closing may take: a nation's takes some twenty."""
_NAMED = 5
_ROOT = Path(__file__).resolve().parents[2]
_DONE = {campagnes.ARRET: "arrêtée", campagnes.REPRISE: "reprise"}


def draw() -> None:
    """Draw where campaigns stand, and what an administrator may do to them."""
    here = entree()
    scan = open_lake().snapshot().scan
    closed = {volet: publication.closes(scan, volet) for volet in VOLETS}
    st.html(
        "".join(
            f'<p class="obs-lecture">{escape(typographic(f"{name} : {_where(here, volet, closed[volet])}"))}</p>'
            for volet, name in VOLETS.items()
        )
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Arrêter la campagne en cours", anchor=False)
        st.html(f'<p class="obs-lecture-vue">{typographic(STOPPED)}</p>')
        forms.draw(ARRETER, lambda sent: arreter(here, sent), initial={"volet": REGIONS, "jour": here.jour})
    with right:
        st.subheader("Reprendre une campagne close", anchor=False)
        st.html(f'<p class="obs-lecture-vue">{typographic(TAKEN_UP)}</p>')
        known = {
            f"{volet}:{day}": f"{long_date(day)} · {name}"
            for volet, name in VOLETS.items()
            for day in reversed(closed[volet])
        }
        if known:
            form = Form(
                "campagne_reprendre",
                (choice("campagne", "Campagne close", known),),
                (forms.Action("reprendre", "Reprendre", main=False),),
                audience=Audience.ADMINISTRATORS,
            )
            forms.draw(form, lambda sent: reprendre(here, sent))
        else:
            st.html(f'<p class="obs-lecture-vue">{typographic("Aucune campagne n’est close.")}</p>')
    if done := campagnes.gestes(here.store):
        st.subheader("Ce qui a été fait ici", anchor=False)
        lines = [
            f"Campagne du {long_date(one.jour)} ({VOLETS[one.volet]}) {_DONE[one.genre]} le "
            f"{long_date(one.le.astimezone(PARIS).date())} par {personne(one.par, 'l’exploitant')}."
            for one in done[:20]
        ]
        st.html("<ul>" + "".join(f"<li>{escape(typographic(one))}</li>" for one in lines) + "</ul>")
    aide("campagne")


STOPPED = (
    "Ce qui est validé à cette date devient une campagne close, qui ne change plus ; la campagne en cours continue. "
    "Essayer dit d’abord ce qu’elle contiendrait."
)
TAKEN_UP = (
    "Ses réponses et ses plans remplissent les feuilles encore vides ; ils comptent dans les taux, et restent à "
    "confirmer. Ce qui est déjà saisi ne change pas."
)
ARRETER = Form(
    "campagne_arreter",
    (
        choice("volet", "Pour", VOLETS),
        Field("jour", "Validé au", Kind.DATE, note="Un jour passé, ou aujourd’hui."),
    ),
    (
        forms.Action("essayer", "Essayer"),
        forms.Action("arreter", "Arrêter à cette date", main=False),
    ),
    audience=Audience.ADMINISTRATORS,
)


def arreter(here: Entree, sent: Submission) -> str:
    """Say what a closing would hold, or close; what was done, in words.

    Raises:
        AccessDenied: no administrator, as the account stands now.
        Refused: a day to come.
        LakeError: nothing was validated by then, or another campaign is closed at that date.
    """
    campagnes.autoriser(here.store, here.email)
    volet, jour = sent.values["volet"], sent.values["jour"]
    if jour > here.jour:
        raise Refused("jour", "Une campagne s’arrête au plus tard aujourd’hui.")
    lake = open_lake()
    if sent.action == "essayer":
        found = publication.preparer(lake, here.store, jour, volet)
        sizes = [found.frames[table].height for table in (SERVICES, REPONSES, PLANS)]
        words = f"{counted(sizes[0], 'service')}, {counted(sizes[1], 'réponse')}, {counted(sizes[2], 'étape')} de plan"
        if jour in publication.closes(lake.snapshot().scan, volet):
            told.warn(f"Une campagne est déjà close au {long_date(jour)} : elle ne change plus.")
        if found.ecartees.height:
            count = counted(found.ecartees.height, "réponse ou étape validée", "réponses ou étapes validées")
            why = found.ecartees["motif"].str.split(" : ").list.first().unique(maintain_order=True).to_list()
            verb = "serait" if found.ecartees.height == 1 else "seraient"
            told.warn(f"{count} n’y {verb} pas : {listing(why[:_NAMED])}.")
        if waiting := _waiting(here, volet):
            told.warn(f"Ce qui n’est pas validé n’y serait pas : {waiting}.")
        return f"Essai au {long_date(jour)} : {words}. Rien n’est arrêté."
    said = _command("arreter", "--date", jour.isoformat(), "--volet", volet)
    if not any("déjà close" in one for one in said):
        campagnes.noter(here.store, campagnes.ARRET, volet, jour, par=here.email)
    for one in said[1:]:
        told.warn(one)
    return said[0] if said else f"Campagne arrêtée au {long_date(jour)}."


def reprendre(here: Entree, sent: Submission) -> str:
    """Take a closed campaign up again; what was loaded, in words.

    Raises:
        AccessDenied: no administrator, as the account stands now.
        LakeError: no campaign is closed at that date.
    """
    campagnes.autoriser(here.store, here.email)
    volet, _, day = str(sent.values["campagne"]).partition(":")
    jour = date.fromisoformat(day)
    done, written = cloture.reprendre(open_lake(), here.store, jour, here.referentiel, volet)
    for one in done.refus[:_NAMED]:
        told.warn(one)
    if len(done.refus) > _NAMED:
        told.warn(f"… et {counted(len(done.refus) - _NAMED, 'autre refus', 'autres refus')}.")
    if not (done.services or written):
        return f"Campagne du {long_date(jour)} : rien à reprendre, tout est déjà saisi."
    campagnes.noter(here.store, campagnes.REPRISE, volet, jour, par=here.email)
    return (
        f"Campagne du {long_date(jour)} reprise : {counted(done.services, 'service')}, "
        f"{counted(done.reponses, 'réponse')}, {counted(done.etapes, 'étape')}, {counted(written, 'feuille')}, "
        "à confirmer."
    )


# -- inside ------------------------------------------------------------------------------------------


def _where(here: Entree, volet: str, closed: list[date]) -> str:
    """Where a side stands, in one sentence."""
    scan = open_lake().snapshot().scan
    live = publication.en_cours(scan, volet)
    if live:
        rows = publication.campagne(scan, live[-1], volet)
        answers = counted(rows[REPONSES].height, "réponse validée", "réponses validées")
        sizes = f"{counted(rows[SERVICES].height, 'service')}, {answers}"
        now = f"en cours au {long_date(live[-1])} ({sizes})"
    else:
        now = "aucune en cours"
    then = f"dernière close le {long_date(closed[-1])}" if closed else "aucune close"
    waiting = _waiting(here, volet)
    return f"{now} ; {then}" + (f" ; à valider encore : {waiting}." if waiting else ".")


def _waiting(here: Entree, volet: str) -> str:
    """The sheets of a side that are in draft or wait to be validated: « 3 brouillons, 1 feuille à valider »."""
    state = publication.du_volet(brouillons(here.store), volet)
    mine = state.feuilles.filter(pl.col("service").is_in(state.services["service"].implode()))
    drafts = mine.filter(pl.col("etat") == "brouillon").height
    waits = mine.filter(pl.col("etat") == "a_valider").height
    parts = [
        *([counted(drafts, "brouillon")] if drafts else []),
        *([counted(waits, "feuille à valider", "feuilles à valider")] if waits else []),
    ]
    return ", ".join(parts)


def _command(*words: str) -> list[str]:
    """Run the operator's own command; the lines that it says.

    Raises:
        LakeError: it refused, in its own words; or it lasted too long.
    """
    command = [sys.executable, "-m", "apps.cli", "saisie", *words]
    try:
        done = subprocess.run(
            command, cwd=_ROOT, capture_output=True, text=True, encoding="utf-8", timeout=_MOST_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise LakeError(
            "L’arrêt n’a pas fini à temps.", conseil="Rechargez cette page, puis lisez le journal du serveur."
        ) from error
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        raise LakeError(" ".join(said) or "La commande a échoué sans rien dire.")
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]


CAMPAGNE = Screen(
    "campagne",
    "Campagne",
    "Arrêter, reprendre une campagne ?",
    draw,
    Audience.ADMINISTRATORS,
)
