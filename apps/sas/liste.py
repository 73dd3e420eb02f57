"""The answer as rows: one a professional and place, in the order of the answer; what a row opens stands under it."""

from __future__ import annotations

import math
import uuid
from datetime import UTC, datetime
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from apps.kit.access import session
from apps.kit.style.french import counted, literal, long_date, number, typographic
from apps.sas import acces, questions, reservation, signalements
from apps.sas.editeurs import Complete
from apps.sas.questions import Question
from apps.sas.words import ZONE, held, hour, km, when
from lake.horaires.heures import local_day
from lake.store.sas import essais
from scoring.sas.horizons import bandes
from scoring.sas.recherche import Reponse

CHOSEN = "sas_choisi"
"""The row that is open."""
PAGE = 10
_MOST_ELSEWHERE = 6
_MOST_AWAY = 20
_STYLE = """<style>
.sas-ligne { display: grid; gap: .2rem .8rem; align-items: center; border-top: 1px solid #e3e8ee; padding: .45rem 0; }
.sas-ligne p { margin: 0; } .sas-ligne.sas-tete { border: 0; font-weight: 700; font-size: 13.5px; }
.sas-ligne .sas-nom { grid-column: 1; } .sas-ligne b.sas-quoi { display: none; }
@media (max-width: 760px) {
  .sas-ligne { grid-template-columns: 1fr 1fr !important; } .sas-ligne .sas-nom { grid-column: 1 / -1; }
  .sas-ligne.sas-tete { display: none; } .sas-ligne b.sas-quoi { display: inline; font-weight: 400; color: #475569; }
}
</style>"""


def draw(asked: Question, whole: Complete, now: datetime, only: frozenset[str] | None = None) -> None:
    """One row a professional and place, in the order of the answer; a row's button opens its seats under it.

    Args:
        asked: the question.
        whole: its answer.
        now: the moment.
        only: the rows shown (``identifiant|lieu``); None for all.
    """
    found = whole.reponse
    bands = bandes(now)
    used = sorted(found.slots["bande"].unique().to_list())[:5]
    heads = ["Professionnel, lieu", "Trajet", "Modalité", *(bands[rank].titre for rank in used), "Sollicité"]
    shown = int(st.session_state.setdefault("sas_montres", PAGE))
    table = found.resultats
    if only is not None:
        table = table.filter(pl.concat_str("identifiant", pl.lit("|"), "lieu").is_in(list(only)))
    st.columns(_WIDTHS)[0].html(_STYLE + _line(heads, [""] * len(heads), "sas-ligne sas-tete"))
    for row in table.head(shown).iter_rows(named=True):
        key = f"{row['identifiant']}|{row['lieu']}"
        text, button = st.columns(_WIDTHS, vertical_alignment="center")
        text.html(_line(_cells(row, found, now, used), heads, "sas-ligne"))
        if row["palier"] < 2:
            label = "Réserver" if row["palier"] == 0 else "Appeler"
            name = f"sas_choisir_{row['identifiant']}_{row['lieu']}"
            button.button(label, key=name, on_click=_choose, args=(key,))
        # A place under every row, opened or not: rows below keep theirs, and the keyboard its focus, when one closes.
        with st.container():
            if st.session_state.get(CHOSEN) == key and row["source"] != "saisie":
                _elsewhere(row, whole, found.graine)
            elif st.session_state.get(CHOSEN) == key:
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
    st.session_state["sas_montres"] += PAGE


def _cells(row: dict[str, Any], found: Reponse, now: datetime, used: list[int]) -> list[str]:
    mine = found.slots.filter(pl.col("identifiant") == row["identifiant"], pl.col("lieu") == row["lieu"])
    cells = [
        f"<strong>{escape(row['nom'])}</strong>{_open(row, now)}<br>"
        f'<span class="obs-source">{escape(_where(row))}</span>',
        typographic(f"{number(row['trajet_min'])} min") + _tight(row),
        held(row["modalites"], row["genre"]),
    ]
    for rank in used:
        here = mine.filter(pl.col("bande") == rank).sort("utile")
        left = int(here["restantes"].sum())
        cells.append(f"<strong>{left}</strong> · {hour(here['utile'][0], row['fuseau'])}" if left else "–")
    return [*cells, _solicited(row, now)]


def _tight(row: dict[str, Any]) -> str:
    """« 14 h 10 : trop juste »: a slot that begins before one can be there is told, and not offered."""
    if row["trop_juste"] is None:
        return ""
    said = f"{hour(row['trop_juste'], row['fuseau'])} : trop juste"
    return f'<br><span class="obs-source">{typographic(said)}</span>'


def _choose(key: str) -> None:
    st.session_state[CHOSEN] = key
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


REPERE = 20
"""Solicitations accepted in a week from which they are told: the national cap of those that are paid. No rank moves."""


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
    mark = f" · {row['semaine']} acceptées cette semaine" if row["semaine"] >= REPERE else ""
    return typographic(f"{last} · {count} en 7 jours{mark}")


def _elsewhere(row: dict[str, Any], whole: Complete, graine: int) -> None:
    """The slots of an editor: they are booked where they are."""
    keys = {
        name: _opened(graine, row["identifiant"], name)
        for name in {one.editeur for one in whole.creneaux if one.identifiant == row["identifiant"]}
    }
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
                    on_click=_missing, args=(one.identifiant, one.debut, one.editeur, keys[one.editeur]),
                )  # fmt: skip
        st.html('<p class="obs-source">Ces créneaux se réservent chez l’éditeur de l’agenda.</p>')


def _opened(graine: int, identifiant: str, editeur: str) -> str:
    """The key of a line that is opened: drawn and counted once a demand, however often the page is drawn."""
    known: dict[tuple[int, str, str], str] = st.session_state.setdefault("sas_essais", {})
    if (graine, identifiant, editeur) not in known:
        known[graine, identifiant, editeur] = uuid.uuid4().hex
        essais.noter(session.store(), known[graine, identifiant, editeur], editeur)
    return known[graine, identifiant, editeur]


def _missing(identifiant: str, debut: datetime, editeur: str, essai: str) -> None:
    now = datetime.now(UTC)
    signalements.signaler(
        session.store(), identifiant, debut, editeur, auteur=acces.auteur(), essai=essai, now=now
    )


def unavailable(asked: Question, now: datetime) -> None:
    """Those within the radius who say that they are not available: out of the search, told when asked for."""
    if not st.toggle("Voir les indisponibles", key="sas_indisponibles"):
        return
    rows = questions.indisponibles(acces.agendas(), asked, now)
    if rows.is_empty():
        st.html(f'<p class="obs-source">{typographic("Aucun effecteur indisponible dans ce rayon.")}</p>')
        return
    told = "".join(
        f"<li>{escape(row['nom'])} · {km(row['distance_km'])} · indisponible depuis le "
        f"{long_date(local_day(row['indisponible_le'], row['fuseau']))}</li>"
        for row in rows.head(_MOST_AWAY).iter_rows(named=True)
    )
    more = rows.height - _MOST_AWAY
    end = f"<p>et {counted(more, 'autre')}.</p>" if more > 0 else ""
    st.html(f'<ul class="obs-source sas-indisponibles">{typographic(told)}</ul>{end}')
