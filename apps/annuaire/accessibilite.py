"""« Accessibilité »: who can reach how many professionals, commune by commune."""

from __future__ import annotations

import polars as pl

from apps.annuaire import officiel
from apps.annuaire import reach as acces
from apps.annuaire.words import about, where, who
from apps.kit.charts.charts import Chart
from apps.kit.charts.distribution import distribution
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.scales import Scale
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.filters.filters import Option
from apps.kit.maps.maps import Map, choropleth, classify
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from apps.kit.views.own import METHODS, ROWS, Rows
from scoring.universes.accessibilite import MESHES, VALUE, close
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.model import Format

MESH_WORDS = {"commune": "Communes", "epci": "EPCI", "departement": "Départements"}
WORST = 50
"""Communes listed; the CSV of the map's table has them all."""
_ACCESS = Column(
    VALUE, "Accessibilité", Format.DECIMAL, help="Professionnels à portée pour 10 000 habitants."
)
_POPULATION = Column("population", "Habitants", Format.INTEGER)
_HEADS = Column("offre", "Sur place", Format.DECIMAL, help="Têtes : une personne de k communes compte 1/k.")


def scale(view: View) -> Scale:
    """How the values are written, the inhabitants that they are for said."""
    return Scale(Format.DECIMAL, acces.per(view))


def question(view: View) -> str:
    """« Qui a des médecins à sa portée ? »"""
    return about(view, f"Qui a des {who(view)} à portée ?")


def reading(view: View) -> str:
    """The mean, and who lives under the threshold."""
    one = acces.asking(view).values(
        [VALUE, "population_sous_seuil", "part_sous_seuil", "communes_sous_seuil"]
    )
    return (
        f"{where(view)} : {french.number(one[VALUE], 1)} à portée {acces.per(view)} en moyenne ; "
        f"{french.counted(_whole(one['population_sous_seuil']), 'habitant')} "
        f"({french.share(one['part_sous_seuil'])}) dans "
        f"{french.counted(_whole(one['communes_sous_seuil']), 'commune')} sous le seuil de "
        f"{acces.threshold_words(view)}."
    )


def _whole(value: float | None) -> int:
    return round(value or 0)


def figures(view: View) -> Figures:
    """Mean, population under the threshold, median inhabitant, heads within reach."""
    asked = acces.asking(view)
    here = asked.values(
        [
            VALUE, "population_sous_seuil", "part_sous_seuil",
            "dixieme_pour_10000", "mediane_pour_10000", "neuf_dixiemes_pour_10000",
        ]
    )  # fmt: skip
    region = acces.everywhere(asked).values([VALUE, "offre", "offre_a_portee"])
    reached, heads = _whole(region["offre_a_portee"]), _whole(region["offre"])
    return Figures(
        [
            Figure(
                "Accessibilité potentielle",
                french.number(here[VALUE], 1),
                reference=f"{acces.per(view)} · région : {french.number(region[VALUE], 1)}",
                help=acces.method(view).definition,
            ),
            Figure(
                "Habitants sous le seuil",
                french.number(here["population_sous_seuil"]),
                reference=f"{french.share(here['part_sous_seuil'])} · seuil : {acces.threshold_words(view)}",
            ),
            Figure(
                "L'habitant médian",
                french.number(here["mediane_pour_10000"], 1),
                reference=f"un sur dix a moins de {french.number(here['dixieme_pour_10000'], 1)}, un sur dix plus de "
                f"{french.number(here['neuf_dixiemes_pour_10000'], 1)}",
            ),
            Figure(
                "Têtes à portée",
                french.number(reached),
                reference=f"sur {french.number(heads)} dans la région ; "
                f"{french.number(heads - reached)} de commune inconnue ou hors de portée",
            ),
        ]
    )


def carte(view: View) -> Map:
    """Accessibility of each commune (or its mean in larger territories)."""
    mesh = view.option("maille")
    asked, code = acces.asking(view), MESHES[mesh]
    columns = [
        Column(mesh, MESH_WORDS[mesh].removesuffix("s")),
        _ACCESS,
        _POPULATION,
        _HEADS,
    ]
    if mesh != "commune":
        columns.append(Column("population_sous_seuil", "Habitants sous le seuil", Format.INTEGER))
    measures = [column.name for column in columns[1:]]
    rows = asked.query(measures, [code, mesh], apart=[mesh]).drop_nulls(code)
    rows = rows.sort(
        close(pl.col(VALUE)), "population", code, descending=[False, True, False], nulls_last=True
    )
    # The classes come from what is drawn: the communes of one EPCI are told apart as those of a region are.
    spec, classes = choropleth(
        view, mesh, rows, code, VALUE, scale(view), classes=classify(rows[VALUE], scale(view))
    )
    here = _chosen(view, rows, code, mesh)
    unplaced = asked.notes().get("sans_centre", "")
    return Map(
        spec,
        Table(here, tuple(columns), key=code),
        classes,
        mesh,
        unit=f"à portée {acces.per(view)}",
        title="Où sont-ils à portée ?",
        reading="Accessibilité potentielle (têtes, distance) : ne mesure ni l'activité, ni les vrais trajets.",
        alt="Carte de l'accessibilité potentielle ; les mêmes chiffres sont dans le tableau.",
        picks=mesh,
        counted=french.counted(int(here["population"].sum()), "habitant"),
        measures=(acces.method(view),),
        corner=f"{french.counted(int(unplaced), 'commune')} sans centre connu" if unplaced else "",
    )


def _chosen(view: View, rows: pl.DataFrame, code: str, mesh: str) -> pl.DataFrame:
    """The rows that the reader selected: the map shows those around too, the table and its exports do not."""
    chosen = view.selection.values(mesh)
    return rows.filter(pl.col(code).is_in(chosen)) if chosen else rows


def spread(view: View) -> Chart:
    """How communes spread, and how many live in each class."""
    asked = acces.asking(view)
    rows = asked.query([VALUE, "population"], ["code_commune"]).filter(pl.col("population") > 0)
    top = rows[VALUE].quantile(0.98) or 1.0
    shown = rows.with_columns(pl.col(VALUE).clip(upper_bound=top))
    classes = asked.query(["communes", "population"], ["code_classe", "classe"])
    one = asked.values(["communes_sans_acces", "population_sans_acces"])
    none = _whole(one["communes_sans_acces"])
    return Chart(
        distribution(
            shown, VALUE, scale(view), noun="communes", mark=acces.everywhere(asked).value("seuil"),
            mark_label="Seuil",
        ),
        Table(
            classes,
            (
                Column("classe", "À portée pour 10 000 hab."),
                Column("communes", "Communes", Format.INTEGER),
                _POPULATION,
            ),
        ),
        title="Comment les communes se répartissent-elles ?",
        reading=f"{french.counted(none, 'commune habitée n’a', 'communes habitées n’ont')} personne à portée "
        f"({french.counted(_whole(one['population_sans_acces']), 'habitant')}).",
        counted=french.counted(rows.height, "commune habitée", "communes habitées"),
        measures=(acces.method(view),),
    )  # fmt: skip


@ROWS("accessibilite.communes")
def worst(view: View) -> pl.DataFrame:
    """The least served communes, the most populated first at equal value."""
    rows = acces.asking(view).query([VALUE, "population"], ["code_commune", "commune", "code_departement"])
    rows = rows.filter(pl.col("population") > 0)
    return rows.sort(
        close(pl.col(VALUE)), "population", "code_commune", descending=[False, True, False]
    ).head(WORST)


METHODS["accessibilite"] = lambda view: (acces.method(view),)
LEAST_SERVED = Rows(
    "accessibilite.communes",
    (Column("commune", "Commune"), Column("code_departement", "Dép."), _POPULATION, _ACCESS),
    "Les communes les moins bien desservies",
    ("commune",),
    "À valeur égale, les plus peuplées d'abord.",
    key="code_commune",
    methods=("accessibilite",),
)


def assumptions(view: View) -> Note:
    """What is assumed, in words, and what it does not measure."""
    demand = acces.population_words(view)  # parameters without meaning are refused here, in words
    steps = [
        f"poids {french.number(weight, 2).rstrip('0').rstrip(',')} avant {french.number(bound)} min"
        for bound, weight in zip(acces.STEPS.read(view), acces.WEIGHTS.read(view), strict=True)
    ]
    return Note(
        f"**Paramètres** : {french.number(acces.SPEED.read(view))} km/h, détour "
        f"{french.number(acces.DETOUR.read(view), 1)} ; {french.listing(steps)}, 0 au-delà.\n\n"
        f"**Demande** : {demand}\n\n**{acces.method(view).ne_mesure_pas}**",
        title="Comment est-ce calculé ?",
    )


ACCESSIBILITE = Page(
    name="accessibilite",
    title="Accessibilité",
    question=question,
    reading=reading,
    universe=ANNUAIRE,
    filters=(*acces.FILTERS, officiel.YEAR),
    figures=figures,
    rows=(
        (
            Block("carte", carte, 1.5, (Option("maille", "Maille", MESH_WORDS),)),
            Block("communes", LEAST_SERVED),
        ),
        (Block("repartition", spread), Block("parametres", assumptions)),
        (Block("officiel", officiel.gaps, 1.5), Block("croisement", officiel.crossing)),
        Block("cote-a-cote", officiel.side_by_side),
    ),
    texts=(*acces.PARAMETER_NAMES, officiel.YEAR.name),
    said=lambda view: [*acces.said(view), *officiel.said(view)],
)
