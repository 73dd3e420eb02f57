"""The official indicator of the DREES beside the potential accessibility, on « Accessibilité »."""

from __future__ import annotations

from dataclasses import dataclass, field

import altair as alt
import polars as pl
import streamlit as st

from apps.annuaire import reach as acces
from apps.kit.charts.charts import Chart
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column, Table
from apps.kit.data.method import Method
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.filters.search import set_option
from apps.kit.maps.maps import Classes, Map, choropleth
from apps.kit.pages.pieces import Note
from apps.kit.style import french, theme
from apps.kit.style.worded import worded
from lake.catalog.apl import CONSULTATIONS, ETP, PROFESSIONS, UNITES
from lake.errors import LakeError
from scoring.annuaire.territory import MESHES
from scoring.reach import asked as asked
from scoring.reach import official as official
from scoring.reach.floating import VALUE
from scoring.universes.model import Format

PARTS = ("les moins bien desservis", "2e cinquième", "3e cinquième", "4e cinquième", "les mieux desservis")
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
        shown = asked_for if asked_for in known else known[0]
        if st.session_state.get(key) != shown:
            st.session_state[key] = shown

        def changed() -> None:
            value = st.session_state[key]
            set_option(view, self.name, "" if value == known[0] else value)

        st.selectbox(self.label, known, key=key, on_change=changed)


YEAR = Year("millesime", "Millésime de l'APL (DREES)")


def years(view: View) -> list[str]:
    """The years ingested for the profession chosen, newest first (cached); empty when it cannot be compared."""
    code = official.profession(view.selection)
    if not code or view.data.version(official.TABLES[0]) is None:
        return []
    found: list[str] = view.data.cached(
        ("apl millesimes", code), official.TABLES, lambda: official.years(view.data.scan, code)
    )
    return found


def published(view: View, year: str = "") -> official.Officiel | None:
    """The official indicator of the profession and year chosen (cached); None where there is none to compare.

    Raises:
        LakeError: the address asks a year that is not ingested.
    """
    if not years(view):
        return None
    code, chosen = official.profession(view.selection), year or view.option(YEAR.name)
    found: official.Officiel = view.data.cached(
        ("apl", code, chosen), official.TABLES, lambda: official.official(view.data.scan, code, chosen)
    )
    return found


def said(view: View) -> list[tuple[str, str]]:
    """Where the official figures come from, for exports."""
    try:
        found = published(view)
    except LakeError:
        found = None
    if found is None:
        return []
    return [("Indicateur officiel", f"DREES, APL {found.annee}, {UNITES[found.unite]} ; {found.titre}")]


def compared(view: View, found: official.Officiel, mesh: str) -> pl.DataFrame:
    """Both measures for the territories selected, named; positions are those of the whole region."""
    code = MESHES[mesh]
    everyone = asked.everyone(acces.ground(view), acces.result(view).communes)
    rows = official.compared(everyone, found, code)
    older = [year for year in years(view) if year != found.annee]
    for year in older:
        other = published(view, year)
        assert other is not None
        values = official.compared(everyone, other, code).select(
            code, pl.col(official.APL).alias(f"apl_{year}")
        )
        rows = rows.join(values, on=code, how="left", maintain_order="left")
    here = acces.communes(view, mesh)[code].drop_nulls().unique()
    shown = rows.filter(pl.col(code).is_in(here.implode()))
    if mesh == "commune":
        names = acces.communes(view, mesh).select(code, nom="commune")
        shown = shown.join(names, on=code, how="left", maintain_order="left")
    else:
        shown = shown.with_columns(nom=pl.col(code).replace({one: view.word(mesh, one) for one in here}))
    return shown.with_columns(points=100 * pl.col(official.GAP)).sort(
        pl.col("points").abs(), "population", descending=True, nulls_last=True
    )


def absent(view: View) -> Note:
    """Why there is nothing to compare, and what to do."""
    title = "Et l'indicateur officiel de la DREES (APL) ?"
    if official.profession(view.selection):
        return Note(
            "Le fichier officiel de la DREES n'est pas ingéré pour cette profession. L'exploitant l'ajoute par "
            "`obs ingest apl` ; les deux mesures s'affichent alors côte à côte.",
            title=title,
        )
    return Note(
        "La DREES publie son indicateur profession par profession : "
        f"{french.listing(PROFESSIONS.values())}. Pour comparer, choisissez-en **une seule** dans les filtres ; pour "
        "les médecins, choisissez aussi la spécialité **Médecine générale**.",
        title=title,
    )


def columns(view: View, found: official.Officiel, mesh: str) -> tuple[Column, ...]:
    """Both measures, named apart, with their units."""
    unit, short = UNITES[found.unite], _SHORT[found.unite]
    help_unit = f"{unit[0].upper()}{unit[1:]}."
    older = [year for year in years(view) if year != found.annee]
    place = "Part des habitants de la région moins bien desservis selon cette mesure."
    return (
        Column("nom", NAMES[mesh]),
        Column("population", "Habitants", Format.INTEGER),
        Column(
            VALUE, "Accessibilité potentielle (têtes)", Format.DECIMAL, help=f"À portée {acces.per(view)}."
        ),
        Column(official.APL, f"APL {found.annee} (DREES, {short})", Format.DECIMAL, help=help_unit),
        *(
            Column(f"apl_{year}", f"APL {year} (DREES, {short})", Format.DECIMAL, help=help_unit)
            for year in older
        ),
        Column(official.OURS, "Position, têtes", Format.SHARE, help=place, decimals=0),
        Column(official.THEIRS, "Position, APL", Format.SHARE, help=place, decimals=0),
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
    agreed = official.agreement(rows)
    spec, classes = choropleth(
        view, mesh, rows, code, "points", POINTS, classes=Classes(_BREAKS, _COLOURS, _LABELS), picks=False
    )
    alike = rows.filter(pl.col("points").abs() < 10)
    known = int(rows.drop_nulls("points")["population"].sum())
    share = french.share(int(alike["population"].sum()) / known if known else None, 0)
    ranks = (
        f" ; corrélation des rangs : {french.number(agreed.correlation_rangs, 2)}"
        if agreed.correlation_rangs is not None
        else ""
    )
    return Map(
        spec,
        Table(rows, columns(view, found, mesh), key=code),
        classes,
        mesh,
        unit="points de position",
        title="L'indicateur officiel de la DREES dit-il la même chose ?",
        reading=f"{share} des habitants vivent là où les deux mesures donnent la même place, à moins de 10 points près"
        f"{ranks}. Les unités diffèrent (APL : {UNITES[found.unite]} ; ici : têtes {acces.per(view)}) : seules les "
        "places se comparent.",
        alt="Carte de l'écart de position entre les deux mesures ; les deux valeurs sont dans le tableau.",
        counted=f"{found.titre or 'DREES, APL'} ({found.annee}) · {french.counted(agreed.territoires, 'territoire')}",
        measures=(_METHOD, acces.method(view)),
        corner=f"{french.counted(agreed.sans, 'territoire')} sans comparaison" if agreed.sans else "",
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
        counted=f"DREES, APL {found.annee} · {french.counted(rows.height, 'territoire')}",
        measures=(_METHOD, acces.method(view)),
    )


def crossing(view: View) -> Chart | Note:
    """Fifths of one measure against fifths of the other: the corners are where they contradict each other."""
    found = published(view)
    if found is None:
        return Note("")
    mesh = view.option("maille")
    rows = official.crossed(compared(view, found, mesh))
    for one in ("part_potentielle", "part_apl"):
        rows = rows.pipe(worded, lambda part: PARTS[part - 1], one)
    total = int(rows["population"].sum())
    same = int(rows.filter(pl.col("part_potentielle") == pl.col("part_apl"))["population"].sum())
    low = rows.row(0, named=True)
    return Chart(
        _heat(rows.with_columns(part=pl.col("population") / total if total else pl.lit(None, pl.Float64))),
        Table(
            rows,
            (
                Column("part_potentielle", "Selon l'accessibilité potentielle"),
                Column("part_apl", f"Selon l'APL {found.annee} (DREES)"),
                Column("territoires", f"{NAMES[mesh]}s".replace("EPCIs", "EPCI"), Format.INTEGER),
                Column("population", "Habitants", Format.INTEGER),
            ),
        ),
        title="Désignent-elles les mêmes territoires ?",
        reading=f"{french.share(same / total if total else None, 0)} des habitants sont dans le même cinquième des "
        f"deux ; {french.counted(low['population'], 'habitant')} parmi les moins bien desservis des deux.",
        counted=f"DREES, APL {found.annee} · {french.counted(total, 'habitant')}",
        measures=(_METHOD,),
    )


def _heat(rows: pl.DataFrame) -> dict[str, object]:
    """Rows from the best to the least served by the DREES, columns from the least to the best by ours."""
    shown = rows.pipe(worded, lambda part: french.share(part, 0), "part", "texte").pipe(
        worded, french.number, "population", "habitants"
    )
    axis = alt.Axis(labelColor=theme.INK, labelLimit=170)
    base = alt.Chart(alt.Data(values=shown.to_dicts())).encode(
        x=alt.X("part_potentielle:N", sort=list(PARTS), title="Accessibilité potentielle (têtes)",
                axis=alt.Axis(labelAngle=-30, labelColor=theme.INK, labelLimit=170)),
        y=alt.Y("part_apl:N", sort=list(reversed(PARTS)), title="APL (DREES)", axis=axis),
        tooltip=[
            alt.Tooltip("part_potentielle:N", title="Accessibilité potentielle"),
            alt.Tooltip("part_apl:N", title="APL (DREES)"),
            alt.Tooltip("habitants:N", title="Habitants"),
        ],
    )  # fmt: skip
    top = float(rows["part"].max() or 0) or 1.0  # type: ignore[arg-type]
    cells = base.mark_rect(cornerRadius=2, stroke=theme.WHITE).encode(
        fill=alt.Fill("part:Q", scale=alt.Scale(range=list(theme.QUANTITY), domain=[0, top]), legend=None)
    )
    words = base.mark_text(fontSize=13).encode(
        text="texte:N",
        color=alt.condition(f"datum.part > {0.5 * top}", alt.value(theme.WHITE), alt.value(theme.INK)),
    )
    spec: dict[str, object] = (cells + words).properties(height={"step": 44}, width="container").to_dict()
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return spec
