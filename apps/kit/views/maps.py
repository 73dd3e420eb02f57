"""Maps: a measure by territory, the whole country or what is chosen of it."""

from __future__ import annotations

import polars as pl

from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.maps.france import MESHES, PREFIX, ground
from apps.kit.maps.maps import Map, choropleth
from apps.kit.pages.pieces import Piece
from apps.kit.style import french
from apps.kit.views.base import (
    AXIS,
    MEASURE,
    Drawing,
    Refusal,
    ask,
    chosen,
    measure_column,
    named,
    own,
    scale,
    view_type,
)
from apps.kit.views.plan import GROUND, over_plan
from apps.kit.views.tables import Values, explained
from apps.kit.views.words import WORDS, moment, write
from scoring.universes.model import Universe

MESH = Option("maille", "Maille", {"region": "Régions", "departement": "Départements"})


@view_type("carte")
class TerritoryMap(Drawing):
    """A measure by territory, overseas included; clicks filter the territory of the whole page.

    Where the page offers it, the reader may ask for the IGN plan under it.

    Attributes:
        measure: what the shades say, or the option that says it.
        axis: the mesh, or the option that says it.
        title: title of the view.
    """

    measure: str | Option = named("mesure", MEASURE)
    axis: str | Option = named("axe", AXIS, default=MESH)
    title: str = named("titre", default="")

    def refused(self, universe: Universe) -> Refusal | None:
        """An axis that is no territory."""
        meshes = [self.axis] if isinstance(self.axis, str) else list(self.axis.values)
        for mesh in meshes:
            if universe.axis(mesh).name not in WORDS:
                return Refusal(f"« {universe.axis(mesh).label} » n’est pas un territoire.", ("classement",))
        return None

    def __call__(self, view: View) -> Piece:
        """The map."""
        name, mesh = chosen(view, self.measure), chosen(view, self.axis)
        if refusal := self.refused(view.universe):
            return explained(Values((name,), mesh, self.title), refusal, view)
        code = view.universe.axis(mesh).code or mesh
        frame = ask(view, [name], [code, mesh], apart=own(view, mesh)).drop_nulls(code)
        national = PREFIX + mesh in MESHES and "commune" not in {axis.name for axis in view.universe.axes}
        spec, classes = choropleth(
            view, mesh, frame, code, name, scale(view, name), ground=ground(view, mesh) if national else None
        )
        seen = frame.drop_nulls(name).sort(name, mesh)
        one, many = WORDS[mesh]
        said = ""
        if seen.height > 2:
            head = french.of(seen[mesh][0])
            said = f"{head[:1].upper()}{head[1:]} ({write(view, name, seen[name][0])}) à {seen[mesh][-1]} "
            said += f"({write(view, name, seen[name][-1])})."
        found = view.universe.measure(name)
        whole = "de France, outre-mer compris, " if national else ""
        shown = Map(
            spec,
            Table(
                frame, (Column(mesh, view.universe.axis(mesh).label), measure_column(view, name)), key=code
            ),
            classes,
            mesh,
            unit=found.unit or found.label,
            title=self.title or f"{found.label} par {one}",
            reading=said,
            alt=f"Carte {whole}par {one} ; les mêmes chiffres sont dans le tableau.",
            picks=mesh,
            counted=f"{french.counted(seen.height, one, many)}, {moment(view, name)}",
            measures=(name,),
            outlines=PREFIX + mesh if national else "",
            corner=_outside(spec, seen, code, mesh),
        )
        if view.option(GROUND.name) != "ign":
            return shown
        values = dict(frame.select(code, name).iter_rows())
        return over_plan(view, shown, values, {key: write(view, name, one) for key, one in values.items()})


def _outside(spec: dict[str, object], seen: pl.DataFrame, code: str, mesh: str) -> str:
    """What has a value and no outline, told on the map: ``hors carte : Wallis-et-Futuna``."""
    datasets = spec["datasets"]
    assert isinstance(datasets, dict)
    drawn = {row["code"] for row in datasets["valeurs"]}
    out = seen.filter(~pl.col(code).is_in(list(drawn)))[mesh].to_list()
    if not out:
        return ""
    return f"Hors carte : {french.listing(out) if len(out) <= 3 else french.counted(len(out), *WORDS[mesh])}"
