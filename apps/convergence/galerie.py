"""What Convergence's pages are made of: radar of axes, curve of plans, dots, maps of regions, matrix, as values.

The gallery of the kit (:mod:`apps.kit.views.gallery`) draws what one question answers. A page of Convergence
compares: the same question asked of several services, at several quarters, under the questionnaire chosen. What is
compared is named (:data:`SERIES`, :data:`MOMENTS`, rows), each captured where its page says what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from apps.convergence.chiffres import CLE, TAUX, count, nation, questionnaires
from apps.convergence.choix import AXIS, HORIZON, QUESTIONNAIRE
from apps.convergence.territoires import region_map, without_regions
from apps.convergence.vues import SCORES, WHOLE_RATE, Serie, by_axis, curve, radar_spec, scale_of
from apps.convergence.words import at, services, where
from apps.kit.charts.charts import Chart, lines
from apps.kit.charts.levels import dots
from apps.kit.charts.plans import heat
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.maps.maps import Map, classify
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from apps.kit.views.base import MEASURE, Drawing, chosen, named, view_type
from apps.kit.views.own import ROWS, WORDS, Named, Shown
from scoring.universes.model import Format

SERIES = Named("série")
"""Name -> what is compared: (view) -> :class:`apps.convergence.vues.Serie`, None where there is nothing to compare."""
MOMENTS = Named("moment")
"""Name -> the quarter of a projection, empty at date: (view) -> str."""
PLACES = Named("tableau de régions")
"""Name -> the regions' rows at a quarter: (view, horizon) -> ``region, nom_region`` and values."""


def series_of(view: View, names: Sequence[str]) -> list[Serie]:
    """What these names compare for the reader at hand, in their order."""
    return [found for name in names if (found := SERIES[name](view)) is not None]


# -- words and series that several pages share -------------------------------------------------------


WORDS.update(
    {
        "questionnaire": lambda s: questionnaires(s.view).get(QUESTIONNAIRE.chosen(s.view), ""),
        "code": lambda s: QUESTIONNAIRE.chosen(s.view),
        "moment": lambda s: at(s.moment),
        "horizon": lambda s: at(HORIZON.chosen(s.view)),
        "services": lambda s: services(s.view, scope(s.view, HORIZON.chosen(s.view))),
        "services_publies": lambda s: services(s.view, count(s.view, "services_publies")),
    }
)


@WORDS("etendue")
def _ends(shown: Shown) -> str:
    """« De Corse (61,2 %) à Bretagne (84,0 %). »; empty under two rows."""
    name = "nom" if "nom" in shown.frame.columns else "nom_region"
    ranked = shown.frame.drop_nulls(shown.measure).sort(shown.measure, name)
    if ranked.height < 2:
        return ""
    low, high, scale = ranked.row(0, named=True), ranked.row(-1, named=True), scale_of(shown.measure)
    return (
        f"De {low[name]} ({scale.write(low[shown.measure])}) à "
        f"{high[name]} ({scale.write(high[shown.measure])})."
    )


@WORDS("extremes")
def _extremes(shown: Shown) -> str:
    """The lowest and the highest axis of the first outline."""
    rows = shown.frame.drop_nulls(shown.measure).sort(shown.measure)
    if rows.height < 2:
        return ""
    low, high, scale = rows.row(0, named=True), rows.row(-1, named=True), scale_of(shown.measure, whole=True)
    return (
        f"Le plus bas : {low['libelle_axe']} ({scale.write(low[shown.measure])}) ; "
        f"le plus haut : {high['libelle_axe']} ({scale.write(high[shown.measure])})."
    )


def scope(view: View, horizon: str) -> int:
    """How many services the figures are about: those that converge, in a projection."""
    return count(view, "services_projetes" if horizon else "services_publies")


@SERIES("horizon")
def _at_horizon(view: View) -> Serie | None:
    horizon = HORIZON.chosen(view)
    return Serie(f"{where(view)}, {at(horizon)}", view, horizon) if horizon else None


@SERIES("regions")
def _everywhere(view: View) -> Serie | None:
    whole = nation(view)
    return None if whole is None else Serie("Toutes les régions", whole, HORIZON.chosen(view))


SERIES.update(
    {
        "region": lambda view: Serie(where(view), view),
        "date": lambda view: Serie(f"{where(view)}, à date", view),
        "tous": lambda view: Serie("Tous les services", view, HORIZON.chosen(view)),
    }
)
MOMENTS.update({"date": lambda _view: "", "horizon": HORIZON.chosen})


# -- the views ---------------------------------------------------------------------------------------


@view_type("convergence.radar", own=True)
class Outlines(Drawing):
    """The axes of a questionnaire as spokes, one outline a series, from zero to the rim.

    Attributes:
        measure: rate or level, or the option that says it.
        series: what is compared; the reading and what is counted are about the first one.
        title: title of the view.
        reading: sentence under the title.
        counted: what is counted; the axes of the first series by default.
        every: the axes of every questionnaire, not of the one chosen.
        own: only the axes that the first series answers.
    """

    measure: str | Option = named("mesure", MEASURE)
    series: tuple[str, ...] = named("series", among=SERIES)
    title: str = named("titre", among=WORDS)
    reading: str = named("lecture", among=WORDS, default="")
    counted: str = named("compte", among=WORDS, default="")
    every: bool = named("tous_questionnaires", default=False)
    own: bool = named("axes_du_premier", default=False)

    def __call__(self, view: View) -> Chart:
        """The radar, and the same figures as a table."""
        measure, compared = chosen(view, self.measure), series_of(view, self.series)
        frame = by_axis(compared, "" if self.every else QUESTIONNAIRE.chosen(view))
        first = frame.filter(pl.col("serie") == compared[0].name)
        if self.own:
            frame = frame.join(first.select("cle"), on="cle", how="semi", maintain_order="left")
        shown = Shown(view, first, measure)
        more = (Column("questionnaire", "Questionnaire"),) if self.every else ()
        return Chart(
            radar_spec(view, frame, measure),
            Table(
                frame,
                (
                    *more,
                    Column("axe", "Axe"),
                    Column("libelle_axe", "Nom"),
                    Column("serie", "Série"),
                    *SCORES,
                ),
            ),
            title=shown.said(self.title),
            reading=shown.said(self.reading),
            counted=shown.counted(("axe",), self.counted),
            measures=(measure,),
        )


@view_type("convergence.courbe", own=True)
class Plans(Drawing):
    """Where the plans lead: rate or level at the end of each quarter, one line a series.

    Attributes:
        series: what is compared, in the order of its colours.
        title: title of the view.
        measure: rate or level, or the option that says it.
        reading: sentence under the title, about the first series.
        counted: what is counted; the quarters by default.
        axis: of the axis chosen, not of the whole questionnaire.
        heading: heading of the series in the table.
    """

    series: tuple[str, ...] = named("series", among=SERIES)
    title: str = named("titre", among=WORDS)
    measure: str | Option = named("mesure", MEASURE, default=TAUX)
    reading: str = named("lecture", among=WORDS, default="")
    counted: str = named("compte", among=WORDS, default="")
    axis: bool = named("un_axe", default=False)
    heading: str = named("intitule", default="Série")

    def __call__(self, view: View) -> Chart:
        """The lines; nothing where there is no plan."""
        measure, compared = chosen(view, self.measure), series_of(view, self.series)
        rows = self.rows(view)
        names = [one.name for one in compared]
        shown = Shown(view, rows.filter(pl.col("serie") == names[0]), measure)
        several = rows["serie"].n_unique() > 1
        drawn = lines(
            rows, "horizon", measure, scale_of(measure), series="serie" if several else "", legend=several
        )
        return Chart(
            drawn if rows.height else {},
            Table(rows, (Column("horizon", "Trimestre (fin)"), Column("serie", self.heading), *SCORES)),
            title=shown.said(self.title),
            reading=shown.said(self.reading),
            counted=shown.said(self.counted) or french.counted(rows["horizon"].n_unique(), "trimestre"),
            measures=(measure,),
        )

    def rows(self, view: View) -> pl.DataFrame:
        """The scores at every quarter (see :func:`apps.convergence.vues.curve`), the series in their order."""
        # A curve goes through every quarter, whichever the page shows.
        compared = [replace(one, horizon="") for one in series_of(view, self.series)]
        by, code = (("axe",), "") if self.axis else ((), QUESTIONNAIRE.chosen(view))
        rows = curve(compared, *by, code=code)
        if self.axis:
            rows = rows.filter(AXIS.chosen(view) == CLE)
        order = {one.name: rank for rank, one in enumerate(compared)}
        return rows.sort(pl.col("serie").replace_strict(order, return_dtype=pl.Int64), "horizon")


@view_type("convergence.points", own=True)
class Dots(Drawing):
    """One row a domain, a region, an editor; one dot a moment on it.

    Attributes:
        rows: their name; rows have ``nom``, ``moment`` and the scores.
        measure: rate or level, or the option that says it.
        title: title of the view.
        heading: heading of the names.
        reading: sentence under the title.
        counted: what is counted.
        beside: the moments side by side in the table, in the rows' own order; the scores, highest first, otherwise.
        key: column that tells a row of the table from the others.
    """

    rows: str = named("lignes", among=ROWS)
    measure: str | Option = named("mesure", MEASURE)
    title: str = named("titre", among=WORDS)
    heading: str = named("intitule", among=WORDS)
    reading: str = named("lecture", among=WORDS, default="")
    counted: str = named("compte", among=WORDS, default="")
    beside: bool = named("cote_a_cote", default=False)
    key: str = named("cle", default="")

    def __call__(self, view: View) -> Chart:
        """The dots; nothing where there is no row."""
        rows, measure = ROWS[self.rows](view), chosen(view, self.measure)
        scale = scale_of(measure)
        if not self.beside:
            rows = rows.sort(measure, "nom", descending=[True, False])
        shown = Shown(view, rows, measure)
        table: pl.DataFrame = rows
        columns: tuple[Column, ...] = SCORES
        if self.beside:
            labels = rows["moment"].unique(maintain_order=True).to_list()
            now = rows.filter(pl.col("moment") == labels[0]) if labels else rows
            table = rows.pivot("moment", index=[self.key, "nom"], values=measure, maintain_order=True).join(
                now.select(self.key, "services_concernes"), on=self.key, how="left", maintain_order="left"
            )
            moments = (Column(one, one.capitalize(), scale.format, decimals=scale.decimals) for one in labels)
            columns = (SCORES[0], *moments)
        return Chart(
            dots(rows, "nom", measure, "moment", scale) if rows.height else {},
            Table(table, (Column("nom", shown.said(self.heading)), *columns), key=self.key),
            title=shown.said(self.title),
            reading=shown.said(self.reading),
            counted=shown.said(self.counted),
            measures=(measure,),
        )


@view_type("convergence.regions", own=True)
class Regions(Drawing):
    """The regions shaded by a rate or by a count of services.

    Attributes:
        rows: name of the regions' rows (:data:`PLACES`).
        moments: the moment shown, then those whose maps share its legend.
        title: title of the view.
        reading: sentence under the title.
        unit: what the legend counts.
        value: column of the value: the rate, or ``services``.
        counted: what is counted; the regions by default.
    """

    rows: str = named("lignes", among=PLACES)
    moments: tuple[str, ...] = named("moments", among=MOMENTS)
    title: str = named("titre", among=WORDS)
    reading: str = named("lecture", among=WORDS)
    unit: str = named("unite")
    value: str = named("valeur", default=TAUX)
    counted: str = named("compte", among=WORDS, default="")

    def __call__(self, view: View) -> Map | Chart | Note:
        """The map; a note where nothing has a region."""
        horizon, *others = [MOMENTS[one](view) for one in self.moments]
        rated = self.value == TAUX
        title = Shown(view, pl.DataFrame(), moment=horizon).said(self.title)
        # The vendors' side is told by the view's own name, not by a date that its products do not have.
        if (nowhere := without_regions(view, "Les régions" if rated else title)) is not None:
            return nowhere
        rows = PLACES[self.rows](view, horizon)
        shared = pl.concat([rows, *(PLACES[self.rows](view, one) for one in others)])
        scale = WHOLE_RATE if rated else Scale(title="services")
        shown = Shown(view, rows, self.value, horizon)
        columns = SCORES if rated else (Column("services", "Services", Format.INTEGER),)
        return region_map(
            view,
            rows,
            self.value,
            scale,
            classify(shared[self.value], scale),
            Table(rows, (Column("nom_region", "Région"), *columns)),
            title=title,
            reading=shown.said(self.reading),
            counted=shown.counted(("région",), self.counted),
            measures=(TAUX,) if rated else (),
            unit=self.unit,
        )


@view_type("convergence.matrice", own=True)
class Matrix(Drawing):
    """Counts by two axes, darker for more: steps by criterion and quarter, regions by editor and domain.

    Attributes:
        rows: their name.
        down: column of the rows' names.
        across: column of the columns' names.
        value: column of the counts.
        words: what is counted, plural.
        columns: columns of the table.
        title: title of the view.
        counted: what is counted.
        reading: sentence under the title.
        most: rows drawn; the table has them all.
    """

    rows: str = named("lignes", among=ROWS)
    down: str = named("rangs")
    across: str = named("colonnes_dessinees")
    value: str = named("valeur")
    words: str = named("unite", among=WORDS)
    columns: tuple[Column, ...] = named("colonnes")
    title: str = named("titre", among=WORDS)
    counted: str = named("compte", among=WORDS)
    reading: str = named("lecture", among=WORDS, default="")
    most: int = named("nombre", default=999)

    def __call__(self, view: View) -> Chart:
        """The cells; nothing where there is no row."""
        rows = ROWS[self.rows](view)
        shown = Shown(view, rows, self.value)
        kept = rows[self.down].unique(maintain_order=True).head(self.most)
        drawn = rows.filter(pl.col(self.down).is_in(kept.implode()))
        return Chart(
            heat(drawn, self.down, self.across, self.value, shown.said(self.words)) if rows.height else {},
            Table(rows, shown.columns(self.columns)),
            title=shown.said(self.title),
            reading=shown.said(self.reading),
            counted=shown.said(self.counted),
        )
