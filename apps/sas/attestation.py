"""The attestation of participation: what proves, week by week, the hours that a professional was visible."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from apps.kit.access import session
from apps.kit.export import pdf
from apps.kit.style import theme
from apps.kit.style.french import counted, long_date, plural, typographic
from apps.sas import acces
from lake.horaires import plages
from lake.horaires.attestation import SEUIL_MIN, Semaine, semaines
from lake.horaires.heures import local_day, monday
from lake.store.sas import agendas, registre

LAYOUT = Path(__file__).with_name("attestation.typ")
_WEEKS = 13
METHODE = (
    "Heures pendant lesquelles une plage de soins non programmés au moins était ouverte aux régulateurs : les plages "
    "qui se recouvrent comptent une fois, les absences prévues sont retirées. La semaine va du lundi au dimanche, à "
    "l’heure du lieu."
)


def of_period(identifiant: str, du: date, au: date) -> list[Semaine]:
    """The weeks of a professional, from its agenda as it is kept."""
    store = session.store()
    person = registre.effecteur(store, identifiant)
    with store.reading() as connection:
        seen = agendas.of_one(connection, person["id"], datetime.now(UTC))
    ranges = plages.occurrences(seen.series, seen.exceptions, du - timedelta(days=1), au)
    zone = str(seen.effecteurs["fuseau"][0])
    return semaines(ranges, seen.absences, du, au, zone)


def reading(weeks: list[Semaine]) -> str:
    """« 9 semaines sur 13 atteignent 2 h »."""
    held = sum(one.tenue for one in weeks)
    return f"{counted(held, 'semaine')} sur {len(weeks)} {plural(held, 'atteint', 'atteignent')} {SEUIL_MIN // 60} h."


def hours(minutes: int) -> str:
    """« 2 h 30 »."""
    return f"{minutes // 60} h {minutes % 60:02d}" if minutes % 60 else f"{minutes // 60} h"


def made(identifiant: str, nom: str, du: date, au: date, *, now: datetime | None = None) -> bytes:
    """The PDF of a period."""
    moment = now or datetime.now(UTC)
    weeks = of_period(identifiant, du, au)
    rows = [
        [
            typographic(f"{one.nom[:4]}, semaine {int(one.nom[-2:])}"),
            typographic(f"du {long_date(one.lundi)}"),
            typographic(hours(one.minutes)),
            "atteinte" if one.tenue else "non atteinte",
        ]
        for one in weeks
    ]
    digest = hashlib.sha256(repr((identifiant, weeks)).encode()).hexdigest()[:16]
    lines = [
        f"{nom}, identifiant {identifiant}.",
        f"Du {long_date(du)} au {long_date(au)} : {reading(weeks)}",
        f"Établie le {long_date(local_day(moment))} d’après l’agenda tenu dans le service d’accès aux soins.",
    ]
    what: dict[str, Any] = {
        "titre": "Attestation de participation au SAS",
        "police": theme.PRINT_FONT,
        "lignes": [typographic(one) for one in lines],
        "entetes": ["Semaine", "Depuis", "Heures visibles", typographic(f"{SEUIL_MIN // 60} h")],
        "semaines": rows,
        "methode": typographic(METHODE),
        "pied": typographic(f"Empreinte des heures : {digest}"),
    }
    return pdf.compose(what, LAYOUT, now=moment)


def draw(person: Any) -> None:
    """The weeks gone by, and the file that proves them."""
    today = local_day(datetime.now(UTC))
    first = monday(today) - timedelta(weeks=_WEEKS)
    left, right = st.columns(2)
    du = left.date_input("Du", first, format="DD/MM/YYYY", key="sas_attestation_du", max_value=today)
    au = right.date_input(
        "Au",
        monday(today) - timedelta(days=1),
        format="DD/MM/YYYY",
        key="sas_attestation_au",
        max_value=today,
    )
    if not isinstance(du, date) or not isinstance(au, date) or au < du or (au - du).days > 400:
        st.warning("Choisissez une période d’un an au plus, qui finit après avoir commencé.")
        return
    weeks = of_period(person["identifiant"], du, au)
    st.html(f'<p class="obs-lecture-vue">{typographic(reading(weeks))}</p>')
    shown = pl.DataFrame(
        {
            "Semaine du": [long_date(one.lundi) for one in weeks],
            "Heures visibles": [typographic(hours(one.minutes)) for one in weeks],
            "2 h": ["atteintes" if one.tenue else "non" for one in weeks],
        }
    )
    with st.container(height=220):
        st.table(shown.to_pandas().set_index("Semaine du"))
    name = person["nom"]

    file = acces.agenda_export(person["identifiant"], lambda: made(person["identifiant"], name, du, au))
    st.download_button(
        "Attestation (PDF)", file, f"attestation-sas-{du:%Y%m%d}-{au:%Y%m%d}.pdf", "application/pdf",
        key="sas_attestation", on_click="ignore",
    )  # fmt: skip
