"""The official indicator of the DREES beside the potential accessibility, on « Accessibilité »."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import altair as alt
import polars as pl
import streamlit as st

from apps.annuaire import reach as acces
from apps.kit.charts.charts import Chart
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column, Table
from apps.kit.charts.template import Template, hole
from apps.kit.data.method import Method
from apps.kit.data.state import follow
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.filters.search import set_option
from apps.kit.maps.maps import Classes, Map, choropleth
from apps.kit.pages.pieces import Note
from apps.kit.style import french, theme
from apps.kit.style.worded import worded
from lake.catalog.apl import CONSULTATIONS, ETP, PROFESSIONS, UNITES
from lake.errors import LakeError
from scoring.universes.accessibilite import MESHES, VALUE
from scoring.universes.apl import APL, APL_VALUE, FIFTHS, OURS, THEIRS
from scoring.universes.model import Format

MOST = 50
"""Territories listed; the CSV of the map has them all."""
POINTS = Scale(Format.DECIMAL, "points d'écart", 0)
NAMES = {"commune": "Commune", "epci": "EPCI", "departement": "Département"}
_SHORT = {CONSULTATIONS: "consult.", ETP: "ETP"}
_BREAKS = (-30.0, -10.0, 10.0, 30.0)
_COLOURS = tuple(theme.DIVERGING[rank] for rank in (0, 2, 3, 4, 6))
_LABELS = (
    "bien mieux placée par l'APL (plus de 30 points)",
    "mieux placée par l'APL (10 à 30)",
    "placées de même (moins de 10)",
    "mieux placée par l'accessibilité potentielle (10 à 30)",
    "bien mieux placée par elle (plus de 30 points)",
)
_METHOD = Method(
    "Comparaison avec l'APL de la DREES",
    "Les deux mesures n'ont pas la même unité : elles ne se soustraient pas. On compare leur position : la part des "
    "habitants de la région qui vivent dans des territoires moins bien desservis (la moitié de ceux à égalité "
    "comprise), selon chacune. L'écart est celui des positions, en points. La moyenne de l'APL d'un territoire est "
    "pondérée par la population standardisée de la DREES.",
    "L'APL compte l'activité des libéraux et des salariés hors hôpital, avec de vrais temps de trajet, à l'échelle du "
    "pays ; l'accessibilité potentielle compte des têtes, à vol d'oiseau corrigé, dans la région. Un écart ne dit pas "
    "laquelle a raison.",
)


@dataclass(frozen=True)
class Year(Option):
    """The year of the official indicator, when several are ingested for the profession chosen."""

    values: dict[str, str] = field(default_factory=dict)

    def draw(self, view: View, *, bare: bool = False) -> None:  # noqa: ARG002 — the protocol's signature
        """Draw the list, if there is a choice."""
        known = years(view)
        if len(known) < 2:
            return
        key = f"millesime.{view.scope.page}.{self.name}"
        asked_for = view.option(self.name)
        follow(key, asked_for if asked_for in known else known[0])

        def changed() -> None:
            value = st.session_state[key]
            set_option(view, self.name, "" if value == known[0] else value)

        st.selectbox(self.label, known, key=key, on_change=changed)


YEAR = Year("millesime", "Millésime de l'APL (DREES)")


def asking(view: View, year: str = "") -> View:
    """The question that compares both measures, under the parameters of the page."""
    said = {one.name: view.option(one.name) for one in acces.PARAMETERS}
    return view.asking(
        APL, **said, millesime=year or view.option(YEAR.name), maille=view.option("maille") or "commune"
    )


def years(view: View) -> list[str]:
    """The years ingested for the profession chosen, newest first; empty when it cannot be compared."""
    # The year asked may not be ingested: the list of those that are does not depend on it.
    said = {one.name: view.option(one.name) for one in acces.PARAMETERS}
    return view.asking(APL, **said).notes().get("millesimes", "").split()


@dataclass(frozen=True)
class Published:
    """The official indicator that is shown.

    Attributes:
        year: its year.
        unit: its unit (:data:`lake.catalog.apl.UNITES`).
        title: its title, as the DREES gives it.
    """

    year: str
    unit: str
    title: str


def published(view: View) -> Published | None:
    """The official indicator of the profession and year chosen; None where there is none to compare.

    Raises:
        LakeError: the address asks a year that is not ingested.
    """
    if not years(view):
        return None
    told = asking(view).notes()
    return Published(told["millesime"], told["unite"], told["titre"])


def said(view: View) -> list[tuple[str, str]]:
    """Where the official figures come from, for exports."""
    try:
        told = asking(view).notes() if years(view) else {}
    except LakeError:
        told = {}
    return [("Indicateur officiel", told["indicateur"])] if told else []


def compared(view: View, found: Published, mesh: str) -> pl.DataFrame:
    """Both measures for the territories selected, named; positions are those of the whole region."""
    code, by = MESHES[mesh], [MESHES[mesh], mesh]
    measures = ["population", VALUE, APL_VALUE, OURS, THEIRS, "points"]
    rows = asking(view).query(measures, by, apart=[mesh])
    for year in years(view):
        if year != found.year:
            other = asking(view, year).query([APL_VALUE], [code], apart=[mesh])
            other = other.rename({APL_VALUE: f"apl_{year}"})
            rows = rows.join(other, on=code, how="left", maintain_order="left")
    return rows.sort(pl.col("points").abs(), "population", code, descending=True, nulls_last=True)


def absent(view: View) -> Note:
    """Why there is nothing to compare, and what to do."""
    title = "Et l'indicateur officiel de la DREES (APL) ?"
    if asking(view).notes().get("profession"):
        return Note(
            "Le fichier officiel de la DREES n'est pas ingéré pour cette profession. Quand l'exploitant l'ajoute, les "
            "deux mesures s'affichent côte à côte.",
            title=title,
        )
    return Note(
        "La DREES publie son indicateur profession par profession : "
        f"{french.listing(PROFESSIONS.values())}. Pour comparer, choisissez-en **une seule** dans les filtres ; pour "
        "les médecins, choisissez aussi la spécialité **Médecine générale**.",
        title=title,
    )


def columns(view: View, found: Published, mesh: str) -> tuple[Column, ...]:
    """Both measures, named apart, with their units."""
    unit, short = UNITES[found.unit], _SHORT[found.unit]
    help_unit = f"{unit[0].upper()}{unit[1:]}."
    older = [year for year in years(view) if year != found.year]
    place = "Part des habitants de la région moins bien desservis selon cette mesure."
    return (
        Column(mesh, NAMES[mesh]),
        Column("population", "Habitants", Format.INTEGER),
        Column(
            VALUE, "Accessibilité potentielle (têtes)", Format.DECIMAL, help=f"À portée {acces.per(view)}."
        ),
        Column(APL_VALUE, f"APL {found.year} (DREES, {short})", Format.DECIMAL, help=help_unit),
        *(
            Column(f"apl_{year}", f"APL {year} (DREES, {short})", Format.DECIMAL, help=help_unit)
            for year in older
        ),
        Column(OURS, "Position, têtes", Format.SHARE, help=place, decimals=0),
        Column(THEIRS, "Position, APL", Format.SHARE, help=place, decimals=0),
        Column(
            "points",
            "Écart de position (points)",
            Format.DECIMAL,
            change=True,
            decimals=0,
            good=0,
            help="Position selon l'accessibilité potentielle moins position selon l'APL.",
        ),
    )


def gaps(view: View) -> Map | Note:
    """Where the two measures disagree; the table has both."""
    found = published(view)
    if found is None:
        return absent(view)
    mesh = view.option("maille")
    code = MESHES[mesh]
    rows = compared(view, found, mesh)
    asked = asking(view)
    whole = asked.query(
        ["territoires", "sans_comparaison", "population_comparee", "population_accord", "correlation_rangs"],
        apart=[mesh],
    ).row(0, named=True)
    spec, classes = choropleth(
        view, mesh, rows, code, "points", POINTS, classes=Classes(_BREAKS, _COLOURS, _LABELS), picks=False
    )
    known = whole["population_comparee"]
    share = french.share(whole["population_accord"] / known if known else None, 0)
    rank = whole["correlation_rangs"]
    ranks = "" if rank is None else f" ; corrélation des rangs : {french.number(rank, 2)}"
    return Map(
        spec,
        Table(rows, columns(view, found, mesh), key=code),
        classes,
        mesh,
        unit="points de position",
        title="L'indicateur officiel de la DREES dit-il la même chose ?",
        reading=f"{share} des habitants vivent là où les deux mesures donnent la même place, à moins de 10 points près"
        f"{ranks}. Les unités diffèrent (APL : {UNITES[found.unit]} ; ici : têtes {acces.per(view)}) : seules les "
        "places se comparent.",
        alt="Carte de l'écart de position entre les deux mesures ; les deux valeurs sont dans le tableau.",
        counted=f"{found.title or 'DREES, APL'} ({found.year}) · {french.counted(whole['territoires'], 'territoire')}",
        measures=(_METHOD, acces.method(view)),
        corner=f"{french.counted(whole['sans_comparaison'], 'territoire')} sans comparaison"
        if whole["sans_comparaison"]
        else "",
    )


def side_by_side(view: View) -> Table | Note:
    """Both measures where their difference touches most inhabitants."""
    found = published(view)
    if found is None:
        return Note("")
    mesh = view.option("maille")
    touched = pl.col("points").abs() * pl.col("population")
    rows = compared(view, found, mesh).drop_nulls("points").sort(touched, descending=True).head(MOST)
    return Table(
        rows,
        columns(view, found, mesh),
        key=MESHES[mesh],
        title="Où l'écart touche-t-il le plus d'habitants ?",
        reading="Les deux mesures côte à côte, chacune dans son unité ; tous les territoires sont dans le CSV de la "
        "carte.",
        counted=f"DREES, APL {found.year} · {french.counted(rows.height, 'territoire')}",
        measures=(_METHOD, acces.method(view)),
    )


def crossing(view: View) -> Chart | Note:
    """Fifths of one measure against fifths of the other: the corners are where they contradict each other."""
    found = published(view)
    if found is None:
        return Note("")
    mesh = view.option("maille")
    asked = asking(view).query(
        ["territoires", "population_comparee"], ["part_potentielle", "part_apl"], apart=[mesh]
    )
    # The 25 pairs, those where nobody lives too: the drawing is a square.
    pairs = pl.DataFrame(
        [(ours, theirs) for ours in FIFTHS for theirs in FIFTHS],
        schema=["part_potentielle", "part_apl"],
        orient="row",
    )
    rows = (
        pairs.join(asked, on=["part_potentielle", "part_apl"], how="left", maintain_order="left")
        .with_columns(pl.col("territoires", "population_comparee").fill_null(0))
        .rename({"population_comparee": "population"})
        .with_columns(pl.col("part_potentielle", "part_apl").replace_strict(FIFTHS))
    )
    total = int(rows["population"].sum())
    same = int(rows.filter(pl.col("part_potentielle") == pl.col("part_apl"))["population"].sum())
    low = rows.row(0, named=True)
    return Chart(
        _heat(rows.with_columns(part=pl.col("population") / total if total else pl.lit(None, pl.Float64))),
        Table(
            rows,
            (
                Column("part_potentielle", "Selon l'accessibilité potentielle"),
                Column("part_apl", f"Selon l'APL {found.year} (DREES)"),
                Column("territoires", f"{NAMES[mesh]}s".replace("EPCIs", "EPCI"), Format.INTEGER),
                Column("population", "Habitants", Format.INTEGER),
            ),
        ),
        title="Désignent-elles les mêmes territoires ?",
        reading=f"{french.share(same / total if total else None, 0)} des habitants sont dans le même cinquième des "
        f"deux ; {french.counted(low['population'], 'habitant')} parmi les moins bien desservis des deux.",
        counted=f"DREES, APL {found.year} · {french.counted(total, 'habitant')}",
        measures=(_METHOD,),
    )


def _heat(rows: pl.DataFrame) -> dict[str, Any]:
    """Rows from the best to the least served by the DREES, columns from the least to the best by ours."""
    top = float(rows["part"].max() or 0) or 1.0  # type: ignore[arg-type]
    pale = pl.when(pl.col("part") > 0.5 * top).then(pl.lit(theme.WHITE)).otherwise(pl.lit(theme.INK))
    shown = (
        rows.pipe(worded, lambda part: french.share(part, 0), "part", "texte")
        .pipe(worded, french.number, "population", "habitants")
        .with_columns(encre=pale)
    )
    return _squares().filled({"domaine": [0, top]}, {"cases": shown})


@cache
def _squares() -> Template:
    axis = alt.Axis(labelColor=theme.INK, labelLimit=170)
    base = alt.Chart(alt.NamedData("cases")).encode(
        x=alt.X("part_potentielle:N", sort=list(FIFTHS.values()), title="Accessibilité potentielle (têtes)",
                axis=alt.Axis(labelAngle=-30, labelColor=theme.INK, labelLimit=170)),
        y=alt.Y("part_apl:N", sort=list(reversed(FIFTHS.values())), title="APL (DREES)", axis=axis),
        tooltip=[
            alt.Tooltip("part_potentielle:N", title="Accessibilité potentielle"),
            alt.Tooltip("part_apl:N", title="APL (DREES)"),
            alt.Tooltip("habitants:N", title="Habitants"),
        ],
    )  # fmt: skip
    cells = base.mark_rect(cornerRadius=2, stroke=theme.WHITE).encode(
        fill=alt.Fill(
            "part:Q", scale=alt.Scale(range=list(theme.QUANTITY), domain=[hole("domaine")]), legend=None
        )
    )
    words = base.mark_text(fontSize=13).encode(
        text="texte:N", color=alt.Color("encre:N", scale=None, legend=None)
    )
    return Template((cells + words).properties(height={"step": 44}, width="container"))
