"""« Journal »: who signed in, failed, exported, changed what, when; and the life of accounts. Administrators only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta

import polars as pl
import streamlit as st

from apps.acces.words import PARIS
from apps.kit.access import session
from apps.kit.access.access import Audience
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.figures import draw as draw_figures
from apps.kit.pages import register
from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, number, typographic
from lake.droits import PROFILS
from lake.store import journal
from lake.store.accounts import accounts, actions
from lake.store.accounts.actions import ACTIONS, DOMAIN
from lake.store.accounts.identity import STATES, Compte
from lake.store.analyses.documents import VERBS
from lake.store.engine import Store
from lake.store.journal import Entry, Filters

MOST = 5_000
"""Lines shown at most; the CSV holds the same."""
READ = 100_000
"""Lines looked through at most for the filters that the database does not know."""
PEOPLE = "export.personnes"
KINDS = (
    {DOMAIN + name: label for name, label in ACTIONS.items()}
    | {PEOPLE: "Export de personnes"}
    | {f"analyse.{verb}": label for verb, label in VERBS.items()}
)
ROOMS = {"sas": "SAS", "saisie": "Saisie"}
"""Domains whose actions are named by their own words: « SAS : annulation »."""
_READS = frozenset(
    DOMAIN + name for name in ("connexion", "deconnexion", "echec", "export", "demande", "sessions")
)


def _draw() -> None:
    lines, life_tab = st.tabs(["Lignes", "Vie des comptes"], key="journal_onglet", on_change="rerun")
    if lines.open:
        with lines:
            _lines()
    if life_tab.open:
        with life_tab:
            _life()


def period(days: object, today: date) -> tuple[datetime, datetime, date, date]:
    """The moments (UTC) that a choice of days covers, and its days; one day chosen is that day."""
    chosen = [one for one in days if isinstance(one, date)] if isinstance(days, tuple | list) else []
    since, until = (chosen[0], chosen[-1]) if chosen else (today, today)
    start = datetime.combine(since, time(), PARIS).astimezone(UTC)
    end = datetime.combine(until + timedelta(days=1), time(), PARIS).astimezone(UTC)
    return start, end, since, until


def search(
    store: Store, filters: Filters, who: str = "", kinds: Collection[str] = (), *, most: int = MOST
) -> tuple[list[Entry], bool]:
    """The lines that answer, the latest first.

    Args:
        store: where.
        filters: what the database filters.
        who: part of an address (who did it, on whom, or from which network), whatever its case.
        kinds: actions; none keeps all.
        most: how many lines at most.

    Returns:
        The lines, and whether older ones were left unread.
    """
    found: list[Entry] = []
    before: int | None = None
    for _ in range(READ // MOST):
        read = journal.read(store, filters, limit=MOST, before=before)
        found += [one for one in read if _asked(one, who, kinds)]
        if len(found) > most:
            return found[:most], True
        if len(read) < MOST:
            return found, False
        before = read[-1].id
    return found, True


def frame_of(lines: Sequence[Entry]) -> pl.DataFrame:
    """The journal's table, in French, as on screen and in its CSV."""
    return pl.DataFrame(
        {
            "Quand (Paris)": [one.moment.astimezone(PARIS).strftime("%d/%m/%Y %H:%M:%S") for one in lines],
            "Qui": [one.auteur or "visiteur" for one in lines],
            "Quoi": [named(one.action) for one in lines],
            "Sur quoi": [one.objet for one in lines],
            "Détail": [detail_of(one) for one in lines],
            "Adresse du réseau": [one.adresse or "" for one in lines],
        }
    )


def _lines() -> None:
    today = datetime.now(PARIS).date()
    with st.container(horizontal=True):
        who = st.text_input("Qui, sur qui ou d’où (adresse, en partie)", key="journal_qui")
        kinds = st.multiselect(
            "Quoi", list(KINDS), format_func=KINDS.__getitem__, placeholder="Tout", key="journal_quoi"
        )
        days = st.date_input(
            "Quand", (today - timedelta(days=30), today), format="DD/MM/YYYY", key="journal_quand"
        )
    start, end, since, until = period(days, today)
    found, cut = search(session.store(), Filters(du=start, au=end), who, kinds)
    st.html(f'<p class="obs-lecture">{counted(len(found), "ligne")}, la plus récente en tête.</p>')
    if cut:
        st.info(
            typographic(
                f"Il y en a d’autres, plus anciennes : seules {number(len(found))} lignes sont montrées. "
                "Raccourcissez la période, ou précisez."
            )
        )
    if not found:
        st.info(typographic("Rien à cette période sous ces filtres."))
        return
    frame = frame_of(found)
    register.draw(
        frame, "journal_table", file=f"journal_{since}_{until}.csv", audience=Audience.ADMINISTRATORS
    )


def _asked(one: Entry, who: str, kinds: Collection[str]) -> bool:
    text = who.strip().casefold()
    said = f"{one.auteur or 'visiteur'} {one.objet} {one.adresse or ''}".casefold()
    return text in said and (not kinds or one.action in kinds)


def named(action: str) -> str:
    """The French name of an action; its own words when it has none."""
    if (known := KINDS.get(action)) is not None:
        return known
    domain, _, verb = action.partition(".")
    if domain in ROOMS and verb:
        return typographic(f"{ROOMS[domain]} : {verb.replace('_', ' ')}")
    return actions.named(action)


SAID = {
    **PROFILS,
    **STATES,
    "mot_de_passe": "mot de passe",
    "oubli": "mot de passe oublié",
    "activation": "activation",
    "demonstration": "démonstration",
    "responsable_id": "responsable n°",
    "peut_creer": "crée des comptes",
    "etat": "état",
    "prenom": "prénom",
    "civilite": "civilité",
    "revision": "révision",
    "lire": "lecture",
    "modifier": "modification",
    "cle": "modèle",
    "True": "oui",
    "False": "non",
    "None": "aucun",
}
"""What the journal keeps in the store's own words, and how a reader is told."""


def detail_of(one: Entry) -> str:
    """The details of a line, in words."""
    said = [str(value) if name == "detail" else f"{name} = {value}" for name, value in one.details.items()]
    parts = ", ".join(said).split(", ")
    return ", ".join(" = ".join(SAID.get(word, word) for word in part.split(" = ")) for part in parts)


# -- the life of accounts ------------------------------------------------------------------------------


def life(comptes: Sequence[Compte], lines: Sequence[Entry]) -> pl.DataFrame:
    """Account by account: last sign-in, and what it did among some lines of the journal.

    Args:
        comptes: accounts.
        lines: the journal over a period.

    Returns:
        DataFrame: one row an account, the latest signed in first, those that never did last. A *mise à jour* is
        any action of the account on accounts, its own included; signing in or out and exporting are none.
    """
    done: Counter[tuple[str, str]] = Counter()
    for one in lines:
        if one.auteur:
            kind = "export" if one.action in (DOMAIN + "export", PEOPLE) else one.action
            done[one.auteur, "maj" if kind.startswith(DOMAIN) and kind not in _READS else kind] += 1
    rows = sorted(comptes, key=lambda one: -(one.connecte_le.timestamp() if one.connecte_le else 0))
    return pl.DataFrame(
        {
            "Compte": [one.email for one in rows],
            "Organisation": [one.organisation for one in rows],
            "Profil": [PROFILS[one.profil] for one in rows],
            "État": [STATES[one.etat] for one in rows],
            "Créé le": [one.cree_le.astimezone(PARIS).date() for one in rows],
            "Dernière connexion": [
                None if one.connecte_le is None else one.connecte_le.astimezone(PARIS).date() for one in rows
            ],
            "Connexions": [done[one.email, DOMAIN + "connexion"] for one in rows],
            "Exports": [done[one.email, "export"] for one in rows],
            "Mises à jour": [done[one.email, "maj"] for one in rows],
        },
        schema_overrides={"Créé le": pl.Date, "Dernière connexion": pl.Date},
    )


def _life() -> None:
    store, today = session.store(), datetime.now(PARIS).date()
    days = st.date_input(
        "Période comptée",
        (today - timedelta(days=90), today),
        format="DD/MM/YYYY",
        key="vie_quand",
        width=320,
    )
    start, end, since, until = period(days, today)
    comptes = accounts.everyone(store)
    lines, cut = search(store, Filters(du=start, au=end), most=READ)
    frame = life(comptes, lines)
    active = [one for one in comptes if one.etat == "actif"]
    came = sum(one.connecte_le is not None and one.connecte_le >= start for one in active)
    never = sum(one.connecte_le is None for one in comptes)
    draw_figures(
        Figures(
            [
                Figure(
                    "Comptes actifs", number(len(active)), reference=f"sur {counted(len(comptes), 'compte')}"
                ),
                Figure("Connectés depuis le début de la période", number(came), reference="comptes actifs"),
                Figure("Jamais connectés", number(never), reference="invités compris"),
            ]
        )
    )
    if cut:
        st.info(typographic("La période a trop de lignes : les plus anciennes ne sont pas comptées."))
    register.draw(
        frame, "vie_table", file=f"vie-des-comptes_{since}_{until}.csv", audience=Audience.ADMINISTRATORS
    )
    st.html(
        '<p class="obs-source">Sans nom ni adresse, mois par mois, dans le lac\u202f: table journal__comptes, publiée '
        "par obs store publier-journal.</p>"
    )


JOURNAL = Screen("journal", "Journal", "Qui a fait quoi, et quand ?", _draw, Audience.ADMINISTRATORS)
