"""« Équité et prévision »: is the share fair, is the order neutral, what will hold of what is announced. For pilots."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import altair as alt
import numpy as np
import polars as pl
import streamlit as st

from apps.kit.access import access, session
from apps.kit.access.session import Reader
from apps.kit.charts import tables
from apps.kit.charts.tables import Column, Table
from apps.kit.charts.template import Template
from apps.kit.data.data import open_lake
from apps.kit.data.mesures_sas import Attendu, Partage, attendus, partage
from apps.kit.shell.screen import Screen
from apps.kit.style.french import counted, long_date, number, share, typographic
from apps.kit.style.theme import BAR, SECONDARY
from apps.sas import reserves, words
from lake.errors import AccessDenied
from lake.horaires.heures import local_day
from lake.store.sas import agendas, pilotes, roles
from scoring.universes.model import Format

_DAYS = 28
_WEEK = 7


def pilote(person: Reader | None) -> bool:
    """Référents and administrators of a SAS, and the administrators of the suite."""
    if access.is_open():
        return True
    return person is not None and roles.holds(session.store(), person.compte, pilotes.PILOTES)


def _draw() -> None:
    person, store = access.reader(), session.store()
    mine = None if person is None else roles.territoires_of(store, person.compte, pilotes.PILOTES)
    known = sorted(set(agendas.sas_of_people(store).values()))
    offered = known if mine is None else [one for one in known if one in mine]
    if not offered:
        st.info("Aucun agenda dans vos SAS : rien n’est encore à mesurer.")
        return
    sas = st.selectbox("SAS", offered, format_func=words.named, key="sas_equite_de")
    if mine is not None and sas not in mine:
        raise AccessDenied(f"Vous ne pilotez pas le SAS {words.named(sas)}.")
    today = local_day(datetime.now(UTC))
    first = today - timedelta(days=_DAYS - 1)
    period = f"Du {long_date(first)} au {long_date(today)}"
    found = partage(store, sas, first, today)
    st.subheader("Les sollicitations sont-elles partagées ?", anchor=False)
    _said(fairness(found))
    if found.lorenz.height:
        _curve(found.lorenz)
    _source(f"{period}, {words.named(sas)} · {counted(found.equite.effecteurs, 'effecteur')}, "
            f"{counted(found.equite.sollicitations, 'sollicitation')} · indice de Gini par place offerte : 0, chacun "
            "selon ce qu’il offre ; 1, tout sur un seul")  # fmt: skip
    st.subheader("L’ordre des résultats est-il neutre ?", anchor=False)
    _said(neutrality(found))
    _source(
        f"{period} · rangs montrés, pesés 1 ÷ log₂(rang + 1) · mille tirages du sort pour dire ce que le hasard fait"
    )
    reserves.draw()
    st.subheader("Que tiendra-t-on de ce qui est annoncé ?", anchor=False)
    days = attendus(open_lake(), sas, today)
    _said(expected(days))
    if days:
        _days(days)
    _source(
        "Même jour de semaine, même avance, huit semaines au plus ; l’intervalle contient huit semaines sur dix ; "
        "sa tenue est la part des semaines passées qu’il aurait contenues"
    )


def fairness(found: Partage) -> str:
    """The sentence on the share of solicitations; of few, that nothing is told."""
    one = found.equite
    if one.gini is None:
        return f"Non publié : {one.raison or 'personne n’a été sollicité'}."
    raw = ""
    if one.gini_brut is not None:
        blamed = (
            "accuserait qui offre plus" if one.gini_brut > one.gini else "ne voit pas ce que chacun offre"
        )
        raw = f" Le Gini brut, {number(one.gini_brut, 2)}, {blamed}."
    word = "équitable" if one.gini < 0.25 else "inégal" if one.gini > 0.45 else "assez équitable"
    return f"Partage {word} : {number(one.gini, 2)} par place offerte.{raw}"


def neutrality(found: Partage) -> str:
    """The sentence on the order: within the chance of the draw, or above it."""
    one = found.equite
    if one.ecart_algorithme is None or one.bruit is None:
        return "Aucun résultat montré sur la période : l’ordre n’est pas encore mesurable."
    gap, chance = number(100 * one.ecart_algorithme, 1), number(100 * one.bruit, 1)
    verdict = (
        f"L’ordre suit sa règle : l’écart, {gap} % des expositions, reste sous ce que le tirage explique ({chance} %)."
        if one.ecart_algorithme <= one.bruit
        else f"À examiner : l’écart, {gap} % des expositions, dépasse ce que le tirage explique ({chance} %)."
    )
    if one.ecart_offre is None:
        return verdict
    return f"{verdict} La géographie et la règle, elles, en déplacent {number(100 * one.ecart_offre, 1)} %."


def expected(days: list[Attendu]) -> str:
    """The sentence on what is to come."""
    if not days:
        return access.remedy("Rien n’est photographié", "obs sas photographier")
    told = [one for one in days if one.prevision is not None]
    if not told:
        return "Moins de quatre semaines de photographies : ce qui est annoncé l’est sans prévision."
    # A week ahead says more than tomorrow, of which nearly all that is announced is kept.
    one = min(told, key=lambda each: (each.avance < _WEEK, each.avance))
    assert one.prevision is not None
    made = one.prevision
    return (
        f"{long_date(one.jour, weekday=True).capitalize()} : "
        f"{counted(one.annonces, 'place annoncée', 'places annoncées')}, "
        f"{number(made.attendu)} attendues, de {number(made.bas)} à {number(made.haut)} ; cet intervalle a contenu "
        f"{share(made.tenue)} des semaines passées."
    )


def _days(days: list[Attendu]) -> None:
    columns = {
        # Short: on a telephone the name of a row has a third of the width, and two figures are in sight.
        "Jour": [words.short_day(one.jour) for one in days],
        "Annoncées": [one.annonces for one in days],
        "Attendues": [round(one.prevision.attendu) if one.prevision else None for one in days],
        "Au moins": [round(one.prevision.bas) if one.prevision else None for one in days],
        "Au plus": [round(one.prevision.haut) if one.prevision else None for one in days],
        "Jours d’avance": [one.avance for one in days],
        "Tenue passée": [one.prevision.tenue if one.prevision else None for one in days],
    }
    counts = dict.fromkeys(columns, pl.Int64) | {"Jour": pl.String, "Tenue passée": pl.Float64}
    shown = (Column("Jour", "Jour"), *(Column(name, name, Format.INTEGER) for name in list(columns)[1:-1]),
             Column("Tenue passée", "Tenue passée", Format.SHARE))  # fmt: skip
    tables.draw(Table(pl.DataFrame(columns, schema=counts), shown), f"sas_attendus_{len(days)}")


def _curve(lorenz: pl.DataFrame) -> None:
    """The Lorenz curve beside the line of perfect shares, and what it says in words."""
    half = float(np.interp(0.5, lorenz["part_offre"].to_numpy(), lorenz["part_sollicitations"].to_numpy()))
    said = f"La moitié de l’offre, la moins sollicitée, reçoit {share(half)} des sollicitations."
    _said(said)
    points = [{"x": x, "y": y} for x, y in lorenz.iter_rows()]
    equal = [{"x": 0.0, "y": 0.0}, {"x": 1.0, "y": 1.0}]
    st.vega_lite_chart(
        _shares().filled({}, {"parts": points, "egalite": equal}),
        theme=None,
        width="stretch",
        key="sas_lorenz",
        alt=typographic(f"Courbe de Lorenz : {said}"),
    )


@cache
def _shares() -> Template:
    x = alt.X("x:Q", title="Part de l’offre", axis=alt.Axis(format=".0%", tickCount=5, grid=False))
    y = alt.Y("y:Q", title="Part des sollicitations", axis=alt.Axis(format=".0%", tickCount=5))
    line = {name: alt.Chart(alt.NamedData(name)).encode(x=x, y=y) for name in ("egalite", "parts")}
    equal = line["egalite"].mark_line(color=SECONDARY, strokeDash=[4, 4])
    chart = alt.layer(equal, line["parts"].mark_line(color=BAR))
    return Template(chart.properties(height=220, width="container"))


def _said(text: str) -> None:
    st.html(f'<p class="obs-lecture">{typographic(text)}</p>')


def _source(text: str) -> None:
    st.html(f'<p class="obs-source">{typographic(text)}</p>')


NEUTRALITE = Screen(
    "sas-equite",
    "Équité et prévision",
    "Le SAS est-il équitable, et que tiendra-t-il ?",
    _draw,
    audience=pilote,
)
