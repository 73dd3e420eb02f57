"""« Consultation »: a place, a need, who can see somebody soon. For régulateurs.

The place stands in the session only: not in the address, not in the store, not in a draft.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from apps.kit.access import access, session
from apps.kit.data.data import data
from apps.kit.maps import points
from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, literal, number, typographic
from apps.sas import acces, editeurs, questions, reservation, signalements
from apps.sas.editeurs import DITS, Complete
from apps.sas.questions import Question
from apps.sas.words import ZONE, held, hour, km, seats, when
from lake.errors import LakeError
from lake.store.sas import roles
from scoring.sas.horizons import HORIZONS, LONGEST, bandes
from scoring.sas.ordre import RULE
from scoring.sas.recherche import PRESETS, Critere, Lieu, Reponse

_PLACE, _ASKED, _CHOSEN = "sas_lieu", "sas_question", "sas_choisi"
_PAGE = 10
_MOST_ELSEWHERE = 6
_MODES = {"AMB": "Cabinet", "VR": "Téléconsultation", "HH": "Domicile"}
_PRECISION = {
    "numero": "au numéro",
    "rue": "à la rue",
    "lieu_dit": "au lieu-dit",
    "commune": "à la commune",
    "departement": "au département",
    "point": "au point",
}


def _draw() -> None:
    now = datetime.now(UTC)
    text = st.text_input(
        "Où se trouve le patient ?",
        key=_PLACE,
        placeholder="12 rue des Jardiniers, Nancy — ou une commune",
        help="Trouvée par l’observatoire lui-même. Ni cette adresse, ni le point trouvé ne sont gardés.",
        autocomplete="off",
    )
    local = _local()
    chosen = _presets(local)
    if not text.strip():
        st.html(f'<p class="obs-source">{typographic("Tapez une adresse ou une commune, puis Entrée.")}</p>')
        return
    lieu = _lieu(text)
    if lieu is None:
        return
    asked = replace(_question(lieu, chosen), critere=local.get(chosen))
    with st.spinner("Les agendas reliés sont interrogés…"):
        whole = editeurs.completer(acces.agendas(), asked, now)
    found = whole.reponse
    _noted(asked, found, now, whole.muettes)
    _answer(asked, found, now)
    shape = st.segmented_control(
        "Présentation", ["Liste", "Carte"], default="Liste", key="sas_forme", label_visibility="collapsed"
    )
    if shape == "Carte":
        _map(found)
    else:
        _list(asked, whole, now)
    if whole.sources:
        said = " · ".join(_source(name, state, whole) for name, state in whole.sources.items())
        st.html(f'<p class="obs-source">{escape(typographic(f"Agendas reliés : {said}."))}</p>')
    st.html(
        '<p class="obs-source">'
        + typographic(
            f"Offre saisie, lue à {now.astimezone(ZONE):%H:%M:%S} · ordre tiré avec la graine {found.graine} · "
            "aucune donnée du patient n’est gardée"
        )
        + "</p>"
    )


def _source(name: str, state: str, whole: Complete) -> str:
    """« Agenda lent : créneaux, lu à 14:02:10 »."""
    read = whole.lus.get(name)
    return f"{name}, {DITS[state]}" + ("" if read is None else f", lu à {read.astimezone(ZONE):%H:%M:%S}")


def _elsewhere(row: dict[str, Any], whole: Complete) -> None:
    """The slots of an editor: they are booked where they are."""
    with st.container(border=True):
        st.markdown(f"**{literal(row['nom'])}** · {literal(row['source'])}")
        for one in [one for one in whole.creneaux if one.identifiant == row["identifiant"]][:_MOST_ELSEWHERE]:
            text = f"{one.debut.astimezone(ZONE):%d/%m à %H:%M} · {one.lieu}"
            with st.container(horizontal=True, vertical_alignment="center"):
                if one.lien:
                    st.link_button(text, one.lien)
                else:
                    st.html(f'<p class="obs-source">{escape(text)}</p>')
                st.button(
                    "Introuvable chez l’éditeur", key=f"sas_introuvable_{one.debut.isoformat()}", type="tertiary",
                    on_click=_missing, args=(one.identifiant, one.debut, row["source"]),
                )  # fmt: skip
        st.html('<p class="obs-source">Ces créneaux se réservent chez l’éditeur de l’agenda.</p>')


def _missing(identifiant: str, debut: datetime, editeur: str) -> None:
    now = datetime.now(UTC)
    signalements.signaler(session.store(), identifiant, debut, editeur, auteur=acces.auteur(), now=now)


def _local() -> dict[str, Critere]:
    """The searches of the SAS in which the reader is régulateur."""
    person, store = access.reader(), session.store()
    mine = None if person is None else roles.territoires_of(store, person.compte, (roles.REGULATEUR,))
    return questions.locales(store, sorted(mine or ()))


def _presets(local: Mapping[str, Critere]) -> str:
    """The buttons of the searches made in advance, national then local; a press puts the filters back."""
    kept = st.session_state.setdefault("sas_preset", "medecine_generale")
    if kept not in PRESETS and kept not in local:
        kept = st.session_state["sas_preset"] = "medecine_generale"
    with st.container(horizontal=True):
        for code, critere in {**PRESETS, **local}.items():
            st.button(
                critere.titre,
                key=f"sas_preset_{code}",
                type="primary" if code == kept else "secondary",
                on_click=_reset,
                args=(code,),
            )
    return str(st.session_state["sas_preset"])


def _reset(code: str) -> None:
    st.session_state["sas_preset"] = code
    for name in ("sas_horizon", "sas_modalites", _ASKED, _CHOSEN, "sas_montres"):
        st.session_state.pop(name, None)


def _lieu(text: str) -> Lieu | None:
    """The place that the text means, or what to choose from."""
    try:
        found, near = questions.lieu_of_text(acces.places(), text)
    except LakeError as error:
        st.warning(typographic(literal(str(error))))
        return None
    if found is None:
        st.warning(
            "Adresse introuvable." + (" Vouliez-vous dire :" if near else " Donnez au moins la commune.")
        )
        with st.container(horizontal=True):
            for name in near[:4]:
                st.button(name, key=f"sas_commune_{name}", on_click=_take, args=(name.rsplit(" (", 1)[0],))
        return None
    rho = "" if found.precision in ("numero", "point") else f", à {number(found.incertitude_km, 1)} km près"
    st.html(
        f'<p class="obs-lecture-vue">{escape(typographic(found.libelle))} · '
        f"{typographic(_PRECISION[found.precision] + rho)}</p>"
    )
    return found


def _take(name: str) -> None:
    st.session_state[_PLACE] = name


def _question(lieu: Lieu, preset: str) -> Question:
    """The question with its filters; its seed is drawn once a demand and kept for paging, toggling and widening."""
    known = st.session_state.get(_ASKED)
    if not isinstance(known, Question) or known.lieu != lieu or known.preset != preset:
        known = Question(lieu, preset=preset, graine=questions.graine())
        st.session_state.pop(_CHOSEN, None)
        st.session_state.pop("sas_montres", None)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        horizon = st.pills(
            "Horizon", list(HORIZONS), format_func=HORIZONS.__getitem__, default=LONGEST, key="sas_horizon"
        )
        modalites = st.pills(
            "Modalité",
            list(_MODES),
            format_func=_MODES.__getitem__,
            selection_mode="multi",
            key="sas_modalites",
        )
    asked = replace(known, horizon=horizon or LONGEST, modalites=tuple(modalites))
    step = asked.territoire.elargissement_km
    with st.container(horizontal=True, vertical_alignment="center"):
        around = f"{asked.territoire.code}, dans un rayon de {number(asked.rayon_km)} km"
        st.html(f'<p class="obs-lecture-vue">{typographic(around)}</p>')
        wider = replace(asked, elargi=asked.elargi + 1)
        if wider.rayon_km > asked.rayon_km:
            st.button(
                typographic(f"Élargir de {number(min(step, wider.rayon_km - asked.rayon_km))} km"),
                key="sas_elargir", type="tertiary", on_click=_widen, args=(wider,),
            )  # fmt: skip
    st.session_state[_ASKED] = asked
    return asked


def _widen(wider: Question) -> None:
    st.session_state[_ASKED] = wider


def _noted(asked: Question, found: Reponse, now: datetime, muettes: Sequence[str] = ()) -> None:
    """Keep that it was searched, once: a reload, a page, a change of rendering is no new search."""
    said = (asked.lieu.code_commune, asked.preset, asked.horizon, asked.modalites, asked.elargi, asked.graine)
    if st.session_state.get("sas_notee") != said:
        questions.noter(session.store(), asked, found, now, compte_id=acces.compte_id(), muettes=muettes)
        st.session_state["sas_notee"] = said


def _answer(asked: Question, found: Reponse, now: datetime) -> None:
    rows = found.resultats.filter(pl.col("palier") == 0)
    horizon = HORIZONS[asked.horizon][0].lower() + HORIZONS[asked.horizon][1:]
    if rows.is_empty():
        st.header(typographic(f"Aucune place {horizon}"), anchor=False)
        beyond = found.resultats.filter(pl.col("palier") == 1).height
        hint = (
            f"{counted(beyond, 'professionnel accepte', 'professionnels acceptent')} un patient en surnombre. "
            if beyond
            else ""
        )
        hint += "Élargissez le rayon, allongez l’horizon, ou retirez une modalité."
        st.html(f'<p class="obs-lecture">{typographic(hint)}</p>')
        return
    first = rows.sort("premier_creneau").row(0, named=True)
    soonest = when(first["premier_creneau"], now, first["fuseau"])
    st.header(
        typographic(f"{seats(int(rows['places'].sum()))} {horizon}, la première : {soonest}"), anchor=False
    )
    st.html(f'<p class="obs-lecture">{typographic(RULE)}</p>')


_STYLE = """<style>
.sas-ligne { display: grid; gap: .2rem .8rem; align-items: center; border-top: 1px solid #e3e8ee; padding: .45rem 0; }
.sas-ligne p { margin: 0; } .sas-ligne.sas-tete { border: 0; font-weight: 700; font-size: 13.5px; }
.sas-ligne .sas-nom { grid-column: 1; } .sas-ligne b.sas-quoi { display: none; }
@media (max-width: 760px) {
  .sas-ligne { grid-template-columns: 1fr 1fr !important; } .sas-ligne .sas-nom { grid-column: 1 / -1; }
  .sas-ligne.sas-tete { display: none; } .sas-ligne b.sas-quoi { display: inline; font-weight: 400; color: #475569; }
}
</style>"""


def _list(asked: Question, whole: Complete, now: datetime) -> None:
    """One row a professional and place, in the order of the answer; a row's button opens its seats under it."""
    found = whole.reponse
    bands = bandes(now)
    used = sorted(rank for rank in found.slots["bande"].unique().to_list() if rank < len(bands))[:5]
    heads = ["Professionnel, lieu", "Trajet", "Modalité", *(bands[rank].titre for rank in used), "Sollicité"]
    shown = int(st.session_state.setdefault("sas_montres", _PAGE))
    table = found.resultats
    st.columns(_WIDTHS)[0].html(_STYLE + _line(heads, [""] * len(heads), "sas-ligne sas-tete"))
    for row in table.head(shown).iter_rows(named=True):
        key = f"{row['identifiant']}|{row['lieu']}"
        text, button = st.columns(_WIDTHS, vertical_alignment="center")
        text.html(_line(_cells(row, found, now, used), heads, "sas-ligne"))
        if row["palier"] < 2:
            label = "Réserver" if row["palier"] == 0 else "Appeler"
            name = f"sas_choisir_{row['identifiant']}_{row['lieu']}"
            button.button(label, key=name, on_click=_choose, args=(key,))
        if st.session_state.get(_CHOSEN) == key and row["source"] != "saisie":
            _elsewhere(row, whole)
        elif st.session_state.get(_CHOSEN) == key:
            reservation.draw(row, asked, found, now)
    if table.height > shown:
        more = typographic(f"Montrer la suite ({table.height - shown} de plus)")
        st.button(more, key="sas_suite", on_click=_more, type="tertiary")


_WIDTHS = (8, 1)


def _line(cells: list[str], heads: list[str], kind: str) -> str:
    """Cells side by side; where there is no room, two by two, each under its heading."""
    width = f"grid-template-columns: 3fr 1fr 1.6fr {'1fr ' * (len(cells) - 4)}1.6fr"
    said = "".join(
        f'<p class="sas-nom">{text}</p>'
        if rank == 0
        else f'<p><b class="sas-quoi">{escape(head)} : </b>{text}</p>'
        for rank, (text, head) in enumerate(zip(cells, heads, strict=True))
    )
    return f'<div class="{kind}" style="{width}">{said}</div>'


def _more() -> None:
    st.session_state["sas_montres"] += _PAGE


def _cells(row: dict[str, Any], found: Reponse, now: datetime, used: list[int]) -> list[str]:
    mine = found.slots.filter(pl.col("identifiant") == row["identifiant"], pl.col("lieu") == row["lieu"])
    cells = [
        f"<strong>{escape(row['nom'])}</strong>{_open(row, now)}<br>"
        f'<span class="obs-source">{escape(_where(row))}</span>',
        typographic(f"{number(row['trajet_min'])} min"),
        held(row["modalites"], row["genre"]),
    ]
    for rank in used:
        here = mine.filter(pl.col("bande") == rank).sort("utile")
        left = int(here["restantes"].sum())
        cells.append(f"<strong>{left}</strong> · {hour(here['utile'][0], row['fuseau'])}" if left else "–")
    return [*cells, _solicited(row, now)]


def _choose(key: str) -> None:
    st.session_state[_CHOSEN] = key
    # One key a panel: pressing three times books once.
    st.session_state["sas_cle"] = uuid.uuid4().hex


def _open(row: dict[str, Any], now: datetime) -> str:
    """« ouverte, ferme à 19 h » after the name of a structure; to be open and to have a seat are two facts."""
    if row["genre"] != "structure":
        return ""
    if row["ouvert_rang"] == 2 or row["change_le"] is None:
        said = (
            "horaires inconnus"
            if row["ouvert_rang"] == 2
            else "ouverte"
            if row["ouvert_rang"] == 0
            else "fermée"
        )
    else:
        turn = when(row["change_le"], now, row["fuseau"])
        day = turn if " à " in turn else f"à {turn}"
        said = f"ouverte, ferme {day}" if row["ouvert_rang"] == 0 else f"ouvre {day}"
    return f' <span class="obs-source">{typographic(said)}</span>'


def _where(row: dict[str, Any]) -> str:
    name = row["libelle"] or st.session_state.get("sas_communes", {}).get(row["code_commune"], "")
    if not name:
        candidate = acces.places().commune(row["code_commune"])
        name = candidate.libelle if candidate else row["code_commune"]
        st.session_state.setdefault("sas_communes", {})[row["code_commune"]] = name
    return f"{name} · {km(row['distance_km'])}"


def _solicited(row: dict[str, Any], now: datetime) -> str:
    count = row["sollicitations"]
    if not count:
        return "pas cette semaine"
    ago = (now - row["derniere"]).total_seconds() / 3600
    last = (
        "à l’instant"
        if ago < 1
        else f"il y a {math.floor(ago)} h"
        if ago < 24
        else f"il y a {math.floor(ago / 24)} j"
    )
    return typographic(f"{last} · {count} en 7 jours")


def _map(found: Reponse) -> None:
    """Points by their first availability; what the list says, the points say."""
    names = ["Sous 2 h", "Sous 12 h", "Plus tard", "Sans place"]
    rows = found.resultats.with_columns(
        id=pl.concat_str("identifiant", pl.lit("|"), "lieu"),
        categorie=pl.when(pl.col("palier") == 2)
        .then(pl.lit(names[3]))
        .when(pl.col("bande") == 0)
        .then(pl.lit(names[0]))
        .when(pl.col("bande") <= 3)
        .then(pl.lit(names[1]))
        .otherwise(pl.lit(names[2])),
        texte=pl.format("{} : {} place(s)", pl.col("nom"), pl.col("places")),
    )
    colours = dict(zip(names, ("#084f4c", "#358f88", "#9fcfca", "#8a8f98"), strict=True))
    deck, _ = points.point_map(
        data(), rows.select("id", "longitude", "latitude", "texte", "categorie"), colours=colours
    )
    st.pydeck_chart(deck, height=460)
    legend = " · ".join(f'<span style="color:{colour}">●</span> {name}' for name, colour in colours.items())
    st.html(f'<p class="obs-source">{typographic(legend)}</p>')
    counts = rows.group_by("categorie").len().sort("len", descending=True)
    st.html(
        '<p class="obs-source">'
        + typographic(", ".join(f"{name} : {count}" for name, count in counts.iter_rows()))
        + "</p>"
    )


CONSULTATION = Screen(
    "sas-consultation",
    "Consultation",
    "Qui peut recevoir ce patient ?",
    _draw,
    audience=acces.regulateurs,
)
