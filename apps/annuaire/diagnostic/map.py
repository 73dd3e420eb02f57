"""The map of a diagnosis: where they practise in the territory, or the communes to pick for one's own."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from apps.annuaire.diagnostic import territory as place
from apps.annuaire.words import people
from apps.kit.charts import charts
from apps.kit.charts.charts import Generation
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column, Table
from apps.kit.data.state import follow
from apps.kit.data.view import View
from apps.kit.filters.filters import PLACEHOLDER
from apps.kit.filters.search import set_option
from apps.kit.maps import maps
from apps.kit.maps.france import Ground
from apps.kit.maps.maps import Map, choropleth
from apps.kit.maps.outlines import cities, outlines
from apps.kit.pages.pieces import Drawn, Piece
from apps.kit.style import french, theme
from lake.catalog.territoires import COMMUNES
from lake.errors import LakeError
from scoring.universes.diagnostic import COMMUNES as COMMUNES_DIAGNOSED
from scoring.universes.diagnostic import OWN
from scoring.universes.model import Format

_GENERATIONS = "annuaire.choix_communes"
_NOT_CHOSEN = "#e3e8ee"
COLUMNS = (
    Column("commune", "Commune"),
    Column("professionnels", "Nombre", Format.INTEGER),
    Column("population", "Habitants", Format.INTEGER),
    Column("commune_proche", "Le plus proche"),
    Column("distance_km", "Distance (km)", Format.DECIMAL),
)


def communes_of(view: View) -> pl.DataFrame:
    """The communes of the territory: inhabitants, persons, and what is nearest where nobody practises."""
    by = ["code_commune", "commune", "code_commune_proche", "commune_proche"]
    measures = ["professionnels", "population", "distance_km", "temps_min"]
    return place.asking(view, COMMUNES_DIAGNOSED).query(measures, by).sort("commune", "code_commune")


def carte(view: View, *, ready: bool) -> Piece:
    """The map that suits the kind of territory."""
    return picker(view, ready=ready) if place.kind(view) == OWN else numbers(view, ready=ready)


def numbers(view: View, *, ready: bool) -> Map | Drawn:
    """How many practise in each commune of the territory (in each EPCI for a whole region)."""
    if not ready:
        return Drawn(lambda _view: None)
    rows = communes_of(view)
    spec, classes = drawn(view, rows)
    none = rows.filter(pl.col("professionnels") == 0).height
    return Map(
        spec,
        Table(rows.sort("professionnels", descending=True), COLUMNS, key="code_commune"),
        classes,
        "commune",
        unit="professionnels",
        title="Où exercent-ils dans le territoire ?",
        reading=f"{french.counted(none, 'commune', 'communes')} sur {rows.height} sans personne.",
        alt="Carte du nombre de professionnels par commune ; les mêmes chiffres sont dans le tableau.",
        counted=people(place.asking(view).value("professionnels")),
    )


def drawn(view: View, rows: pl.DataFrame, height: int = 420) -> tuple[dict[str, Any], maps.Classes]:
    """The choropleth of a territory's communes."""
    codes = rows["code_commune"].to_list()
    ground = Ground("commune", codes, [], cities(view.data, 5, within=codes).to_dicts(), [])
    scale = Scale(Format.INTEGER, "professionnels")
    return choropleth(
        view, "commune", rows, "code_commune", "professionnels", scale,
        classes=classes_of(rows["professionnels"]), picks=False, height=height, ground=ground,
    )  # fmt: skip


def classes_of(counts: pl.Series) -> maps.Classes:
    """Classes for counts of persons: nobody stands alone, then 1-2-5 steps up to the largest count."""
    top = int(counts.max() or 0)  # type: ignore[arg-type]
    series = [m * 10**p for p in range(6) for m in (1, 2, 5)]
    reached = [bound for bound in series if bound <= top]
    breaks = [1, *reached[-5:]] if len(reached) > 6 else reached
    if not breaks:
        return maps.Classes((), (theme.QUANTITY[0],), ("personne",))
    labels = ["personne"]
    for low, high in zip(breaks, [*breaks[1:], None], strict=True):
        if high is None:
            labels.append(f"{french.number(low)} et plus" if top > low else french.number(low))
        else:
            labels.append(
                french.number(low)
                if high - low == 1
                else f"de {french.number(low)} à {french.number(high - 1)}"
            )
    colours = theme.QUANTITY[: len(labels)] if len(labels) > 3 else (theme.QUANTITY[0], *theme.QUANTITY[3:])
    return maps.Classes(tuple(float(b) for b in breaks), tuple(colours[: len(labels)]), tuple(labels))


def displayed(view: View, own: tuple[str, ...]) -> tuple[str, ...]:
    """The départements of the picking map: the one asked, else those of the territory, else all."""
    covered = place.departements(view)
    if (asked := view.option("zoom")) in covered:
        return (asked,)
    mine = known_communes(view).filter(pl.col("code_commune").is_in(own))["code_departement"].unique()
    return tuple(sorted(mine)) or covered


def known_communes(view: View) -> pl.DataFrame:
    """Every commune of the extraction: ``code_commune``, ``commune``, ``code_departement``, ``population``."""
    return place.asking(view, COMMUNES_DIAGNOSED, territory="").query(
        ["population"], ["code_commune", "commune", "code_departement"]
    )


def picker(view: View, *, ready: bool) -> Drawn:
    """A map on which a click adds a commune to the territory, and a second one takes it away."""
    try:
        own = place.codes(view)
    except LakeError:
        own = ()
    around = displayed(view, own)
    here = known_communes(view).filter(pl.col("code_departement").is_in(around))
    known = set(here["code_commune"])
    marked = tuple(code for code in own if code in known)

    def draw(view: View) -> None:
        _zoom(view, around)
        generations: dict[str, Generation] = st.session_state.setdefault(_GENERATIONS, {})
        name = ",".join(around)
        found = generations.get(name, Generation()).follow(marked)
        generations[name] = found
        key = f"vue_carte_{name}_{found.number}"

        def report() -> None:
            codes = charts.picked(st.session_state.get(key), known.__contains__)
            generations[name] = Generation(found.number, codes, found.initial)
            place.tried(view, [*(code for code in own if code not in known), *codes])

        with st.container(key="obs_choroplethe_carte"):
            st.vega_lite_chart(
                charts.with_selected(_pickable(view, here, around), found.initial),
                theme=None,
                width="stretch",
                key=key,
                on_select=report,
                selection_mode=charts.PICK,
                alt="Carte des communes : un clic en ajoute ou en retire une. La liste est à gauche.",
            )
        st.html(
            '<ul class="obs-legende">'
            f'<li><span class="obs-nuance" style="background-color:{theme.ACCENT}"></span>dans le territoire</li>'
            f'<li><span class="obs-nuance" style="background-color:{_NOT_CHOSEN}"></span>hors du territoire</li></ul>'
        )

    return Drawn(
        draw,
        Table(communes_of(view), COLUMNS, key="code_commune") if ready else None,
        title="Quelles communes ?",
        reading="Cliquez sur une commune pour l'ajouter, une seconde fois pour la retirer.",
        counted=french.counted(len(own), "commune"),
    )


def _pickable(view: View, here: pl.DataFrame, around: tuple[str, ...]) -> dict[str, Any]:
    """The picking map: its data never depend on what is picked, so a click draws nothing anew."""

    def compute() -> dict[str, Any]:
        codes = here["code_commune"].sort().to_list()
        places = cities(view.data, within=codes).to_dicts()
        ground = Ground("commune", codes, outlines(view.data, "departement").of(around), places, [])
        grey = maps.Classes((), (_NOT_CHOSEN,), ("",))
        spec, _ = choropleth(
            view, "commune", here, "code_commune", "population", Scale(Format.INTEGER, "habitants"),
            classes=grey, height=460, ground=ground,
        )  # fmt: skip
        land = {**spec["layer"][0], "encoding": dict(spec["layer"][0]["encoding"])}
        land["encoding"]["fill"] = {
            "condition": {"param": charts.PICK, "empty": False, "value": theme.ACCENT},
            **land["encoding"]["fill"],
        }
        return {**spec, "layer": [land, *spec["layer"][1:]]}

    found: dict[str, Any] = view.data.cached(("choix des communes", around), [COMMUNES], compute)
    return found


def _zoom(view: View, around: tuple[str, ...]) -> None:
    names = {code: view.word("departement", code) for code in place.departements(view)}
    key = f"territoire.{view.scope.page}.zoom"
    follow(key, around[0] if len(around) == 1 else None)
    st.selectbox(
        "Département affiché",
        place.departements(view),
        format_func=lambda code: names.get(code, code),
        key=key,
        index=None,
        placeholder=PLACEHOLDER,
        label_visibility="collapsed",
        on_change=lambda: set_option(view, "zoom", st.session_state[key] or ""),
    )
