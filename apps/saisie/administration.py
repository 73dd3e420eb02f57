"""Référentiel: the versions of the questions, a new one tried then published from its files; where campaigns stand.

For administrators. What it does is what ``obs referentiel importer`` does, by the same function.
"""

from __future__ import annotations

import tempfile
from html import escape
from pathlib import Path

import polars as pl
import streamlit as st

from apps.kit import forms
from apps.kit.access.access import Audience
from apps.kit.data.data import open_lake
from apps.kit.forms import Field, Form, Kind, Section, Submission, choice, told
from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, long_date, typographic
from apps.saisie import publication, referentiels
from apps.saisie.campagnes import VOLETS
from apps.saisie.entree import Entree, aide, entree, lien
from apps.saisie.valides import basculer
from lake.errors import LakeError
from lake.store.saisie.suivi import touches
from scoring.saisie.volets import REGIONS

_SAID = 15
"""Differences that are named; the others are counted."""
FORM = Form(
    "referentiel",
    (
        choice("volet", "Pour", VOLETS),
        Section(
            tuple(
                Field(name, f"{name}.csv", Kind.FILE, required=False, types=("csv",))
                for name in referentiels.FICHIERS
            ),
            "Ses fichiers",
            "Ce qu’ils ne nomment pas reste comme dans la version en vigueur.",
        ),
        Section(
            (
                Field("nom", "Nom de la version (celui du jour à défaut)", required=False, most=60),
                Field("depuis", "En vigueur à partir du (aujourd’hui à défaut)", Kind.DATE, required=False),
            ),
            beside=True,
        ),
    ),
    (forms.Action("essayer", "Essayer"), forms.Action("publier", "Publier cette version", main=False)),
    audience=Audience.ADMINISTRATORS,
)


def draw() -> None:
    """Draw the versions, the form of a new one, and where campaigns stand."""
    here = entree()
    scan = open_lake().snapshot().scan
    left, right = st.columns([3, 2], gap="large")
    with left:
        for volet, name in VOLETS.items():
            known = referentiels.versions(scan, volet)
            if known.height:
                st.subheader(name, anchor=False)
                st.html(_versions(known))
        st.subheader("Une nouvelle version", anchor=False)
        forms.draw(FORM, lambda sent: nouvelle(here, sent), initial={"volet": REGIONS})
    with right:
        st.subheader("Campagnes", anchor=False)
        for volet, name in VOLETS.items():
            closed, live = publication.closes(scan, volet), publication.en_cours(scan, volet)
            now = f"en cours au {long_date(live[-1])}" if live else "aucune en cours"
            then = f"dernière close le {long_date(closed[-1])}" if closed else "aucune close"
            st.html(f"<p>{escape(typographic(f'{name} : {now} ; {then}.'))}</p>")
        st.html(f"<p>{lien('campagne', 'Arrêter une campagne, en reprendre une')}</p>")
    aide("referentiel")


def nouvelle(here: Entree, sent: Submission) -> str:
    """Try a version, or publish it; what changes and who is touched, in words.

    Raises:
        LakeError: a file cannot be read, or the version cannot be: every reason is said.
    """
    lake, tries = open_lake(), sent.action == "essayer"
    with tempfile.TemporaryDirectory(prefix="obs-referentiel-") as folder:
        for name in referentiels.FICHIERS:
            if given := sent.values.get(name):
                (Path(folder) / f"{name}.csv").write_bytes(given.content)
        if not any(Path(folder).iterdir()):
            raise LakeError("Aucun fichier.", conseil="Joignez au moins referentiel.csv ou niveaux.csv.")
        changes, made = referentiels.importer(
            lake, Path(folder), jour=here.jour, essai=tries, nom=sent.values.get("nom") or None,
            depuis=sent.values.get("depuis"), volet=sent.values["volet"],
        )  # fmt: skip
    for what, critere, before, after in changes.head(_SAID).iter_rows():
        told.warn(f"{what} {critere} : " + (f"{before} → {after}" if before and after else before or after))
    if changes.height > _SAID:
        told.warn(f"… et {counted(changes.height - _SAID, 'autre différence', 'autres différences')}.")
    services, people = touches(here.store, changes["critere"].unique().to_list())
    reach = f"{counted(changes.height, 'différence')}, {counted(services, 'service')} et {counted(people, 'personne')} "
    reach += "concernés." if services + people > 1 else "concerné."
    if not made:
        return f"Essai : {reach}" if tries else "Rien à publier : aucune différence."
    basculer(here.store, referentiels.en_vigueur_partout(lake.snapshot().scan, here.jour))
    return f"Version {made} publiée : {reach}"


def _versions(known: pl.DataFrame) -> str:
    heads = ("En vigueur le", "Critères", "Niveaux", "Empreinte")
    rows = ""
    for row in known.iter_rows(named=True):
        day = "toujours" if row["en_vigueur_le"] is None else f"{row['en_vigueur_le']:%d/%m/%Y}"
        cells = (day, str(row["criteres"]), str(row["niveaux"]), (row["empreinte"] or "")[:12])
        rows += f'<tr><th scope="row">{escape(row["version"])}</th>'
        rows += "".join(
            f'<td data-titre="{head}">{escape(one)}</td>' for head, one in zip(heads, cells, strict=True)
        )
        rows += "</tr>"
    titles = "".join(f'<th scope="col">{one}</th>' for one in ("Version", *heads))
    return (
        f'<div class="obs-deborde"><table class="obs-table obs-lignes"><thead><tr>{titles}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


REFERENTIEL = Screen(
    "referentiel",
    "Référentiel",
    "Quelles questions pose-t-on ?",
    draw,
    Audience.ADMINISTRATORS,
)
