"""« Journal »: who signed in, failed, exported, changed what, when. Administrators only."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import polars as pl
import streamlit as st

from apps.acces.words import PARIS
from apps.kit import access, session
from apps.kit.access import Audience
from apps.kit.french import counted, typographic
from apps.kit.plain_csv import plain_csv
from apps.kit.screen import Screen
from lake.store import actions, journal
from lake.store.actions import ACTIONS, DOMAIN
from lake.store.journal import Entry, Filters

MOST = 5_000


def _draw() -> None:
    today = datetime.now(PARIS).date()
    with st.container(horizontal=True):
        who = st.text_input("Qui ou sur qui (adresse, en partie)", key="journal_qui")
        kinds = st.multiselect(
            "Quoi", list(ACTIONS), format_func=ACTIONS.__getitem__, placeholder="Tout", key="journal_quoi"
        )
        days = st.date_input(
            "Quand", (today - timedelta(days=30), today), format="DD/MM/YYYY", key="journal_quand"
        )
    since, until = (days[0], days[-1]) if isinstance(days, tuple) and days else (today, today)
    start = datetime.combine(since, time(), PARIS).astimezone(UTC)
    end = datetime.combine(until, time(), PARIS).astimezone(UTC) + timedelta(days=1)
    read = journal.read(session.store(), Filters(du=start, au=end), limit=MOST)
    found = [one for one in read if _asked(one, who, kinds)]
    st.html(f'<p class="obs-lecture">{counted(len(found), "ligne")}, la plus récente en tête.</p>')
    if len(read) == MOST:
        st.info(
            typographic(f"Seules les {MOST} dernières lignes de la période sont lues : raccourcissez-la.")
        )
    if not found:
        st.info(typographic("Rien à cette période sous ces filtres."))
        return
    frame = pl.DataFrame(
        {
            "moment": [one.moment.astimezone(PARIS).strftime("%d/%m/%Y %H:%M:%S") for one in found],
            "auteur": [one.auteur or "visiteur" for one in found],
            "action": [actions.named(one.action) for one in found],
            "objet": [one.objet for one in found],
            "detail": [_detail(one) for one in found],
            "adresse": [one.adresse or "" for one in found],
        }
    )
    names = {
        "moment": "Quand (Paris)", "auteur": "Qui", "action": "Quoi", "objet": "Sur quoi", "detail": "Détail",
        "adresse": "Adresse du réseau",
    }  # fmt: skip
    st.dataframe(
        frame.to_pandas(),
        hide_index=True,
        width="stretch",
        height=560,
        column_config=names,
        key="journal_table",
    )

    def content() -> bytes:
        return plain_csv(frame.rename(names))

    name = f"journal_{since}_{until}.csv"
    made = access.export(name, content, Audience.ADMINISTRATORS)
    st.download_button("CSV", made, name, "text/csv", key="journal_csv", on_click="ignore")


def _asked(one: Entry, who: str, kinds: list[str]) -> bool:
    text = who.strip().casefold()
    said = f"{one.auteur or 'visiteur'} {one.objet}".casefold()
    return text in said and (not kinds or one.action.removeprefix(DOMAIN) in kinds)


def _detail(one: Entry) -> str:
    return ", ".join(
        str(value) if name == "detail" else f"{name} = {value}" for name, value in one.details.items()
    )


JOURNAL = Screen("journal", "Journal", "Qui a fait quoi, et quand ?", _draw, Audience.ADMINISTRATORS)
