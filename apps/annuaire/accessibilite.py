"""« Accessibilité »: who can reach how many professionals, commune by commune."""

from __future__ import annotations

import polars as pl

from apps.annuaire import officiel
from apps.annuaire import reach as acces
from apps.annuaire.words import where, who
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
from apps.kit.style.worded import worded
from scoring.annuaire.territory import MESHES
from scoring.reach import summary as method
from scoring.reach.floating import VALUE
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
    return f"Qui a des {who(view)} à portée ?"


def reading(view: View) -> str:
    """The mean, and who lives under the threshold."""
    rows = acces.communes(view)
    below = method.under(rows, acces.threshold(view))
    return (
        f"{where(view)} : {french.number(method.mean(rows), 1)} à portée {acces.per(view)} en moyenne ; "
        f"{french.counted(below.population, 'habitant')} ({french.share(below.part_taux)}) dans "
        f"{french.counted(below.communes, 'commune')} sous le seuil de {acces.threshold_words(view)}."
    )


def figures(view: View) -> Figures:
    """Mean, median inhabitant, population under the threshold, heads within reach."""
    whole, rows = acces.result(view), acces.communes(view)
    limit = acces.threshold(view)
    below = method.under(rows, limit)
    shares = method.quantiles(rows, (0.1, 0.5, 0.9))[VALUE]
    region = french.number(method.mean(whole.communes), 1)
    lost = whole.offre_sans_commune + whole.offre_hors_portee
    return Figures(
        [
            Figure(
                "Accessibilité potentielle",
                french.number(method.mean(rows), 1),
                reference=f"{acces.per(view)} · région : {region}",
                help=acces.method(view).definition,
            ),
            Figure(
                "Habitants sous le seuil",
                french.number(below.population),
                reference=f"{french.share(below.part_taux)} · seuil : {acces.threshold_words(view)}",
            ),
            Figure(
                "L'habitant médian",
                french.number(shares[1], 1),
                reference=f"un sur dix a moins de {french.number(shares[0], 1)}, un sur dix plus de "
                f"{french.number(shares[2], 1)}",
            ),
            Figure(
                "Professionnels à portée",
                french.number(round(whole.offre_a_portee)),
                reference=f"sur {french.number(round(whole.offre_totale))} dans la région ; "
                f"{french.number(round(lost))} de commune inconnue ou hors de portée",
            ),
        ]
    )


def territories(view: View, mesh: str, apart: str = "") -> pl.DataFrame:
    """Accessibility of the territories of a mesh, names included; the filter of one axis may be left out."""
    rows = acces.communes(view, apart)
    if mesh == "commune":
        return rows.with_columns(nom="commune").sort(VALUE, "population", descending=[False, True])
    code = MESHES[mesh]
    frame = method.by_territory(rows, code, acces.threshold(view))
    names = {each: view.word(mesh, each) for each in frame[code]}
    return frame.with_columns(nom=pl.col(code).replace(names))


def carte(view: View) -> Map:
    """Accessibility of each commune (or its mean in larger territories)."""
    mesh = view.option("maille")
    code = MESHES[mesh]
    rows = territories(view, mesh, apart=mesh)
    classes = classify((territories(view, "epci", mesh) if mesh == "commune" else rows)[VALUE], scale(view))
    spec, classes = choropleth(view, mesh, rows, code, VALUE, scale(view), classes=classes)
    columns = [Column("nom", MESH_WORDS[mesh].removesuffix("s")), _ACCESS, _POPULATION, _HEADS]
    if mesh != "commune":
        columns.append(Column("population_sous_seuil", "Habitants sous le seuil", Format.INTEGER))
    known = acces.ground(view).voisinage.sans_centre
    return Map(
        spec,
        Table(rows, tuple(columns), key=code),
        classes,
        mesh,
        unit=f"à portée {acces.per(view)}",
        title="Où sont-ils à portée ?",
        reading="Accessibilité potentielle (têtes, distance) : ne mesure ni l'activité, ni les vrais trajets.",
        alt="Carte de l'accessibilité potentielle ; les mêmes chiffres sont dans le tableau.",
        picks=mesh,
        counted=french.counted(int(rows["population"].sum()), "habitant"),
        measures=(acces.method(view),),
        corner=f"{french.counted(len(known), 'commune')} sans centre connu" if known else "",
    )


def _class(low: float, high: float | None) -> str:
    """« de 1,0 à 2,0 », « 8,0 et plus »."""
    start = french.number(low, 1)
    return f"{start} et plus" if high is None else f"de {start} à {french.number(high, 1)}"


def spread(view: View) -> Chart:
    """How communes spread, and how many live in each class."""
    rows = acces.communes(view).filter(pl.col("population") > 0)
    limit = acces.threshold(view)
    top = rows[VALUE].quantile(0.98) or 1.0
    shown = rows.with_columns(pl.col(VALUE).clip(upper_bound=top))
    bounds = sorted({round(limit * factor, 2) for factor in (0.25, 0.5, 1, 1.5, 2, 3, 4)})
    classes = method.distribution(rows, bounds).pipe(worded, _class, ("de", "a"), "classe")
    none = rows.filter(pl.col(VALUE) == 0)
    return Chart(
        distribution(shown, VALUE, scale(view), noun="communes", mark=limit, mark_label="Seuil"),
        Table(
            classes,
            (
                Column("classe", "À portée pour 10 000 hab."),
                Column("communes", "Communes", Format.INTEGER),
                _POPULATION,
            ),
        ),
        title="Comment les communes se répartissent-elles ?",
        reading=f"{french.counted(none.height, 'commune habitée n’a', 'communes habitées n’ont')} personne à portée "
        f"({french.counted(int(none['population'].sum()), 'habitant')}).",
        counted=french.counted(rows.height, "commune habitée", "communes habitées"),
        measures=(acces.method(view),),
    )


def worst(view: View) -> Table:
    """The least served communes, the most populated first at equal value."""
    rows = method.worst_served(acces.communes(view), WORST, population_min=1)
    return Table(
        rows,
        (Column("commune", "Commune"), Column("code_departement", "Dép."), _POPULATION, _ACCESS),
        key="code_commune",
        title="Les communes les moins bien desservies",
        reading="À valeur égale, les plus peuplées d'abord.",
        counted=french.counted(rows.height, "commune"),
        measures=(acces.method(view),),
    )


def assumptions(view: View) -> Note:
    """What is assumed, in words, and what it does not measure."""
    how = acces.assumed(view)
    steps = [
        f"poids {french.number(weight, 2).rstrip('0').rstrip(',')} avant {french.number(bound)} min"
        for bound, weight in zip(how.bornes_min, how.poids, strict=True)
    ]
    trajet = how.trajet
    return Note(
        f"**Paramètres** : {french.number(trajet.vitesse_km_h)} km/h, détour {french.number(trajet.detour, 1)} ; "
        f"{french.listing(steps)}, 0 au-delà.\n\n**Demande** : {acces.population_words(view)}\n\n"
        f"**{acces.method(view).ne_mesure_pas}**",
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
        (Block("carte", carte, 1.5, (Option("maille", "Maille", MESH_WORDS),)), Block("communes", worst)),
        (Block("repartition", spread), Block("parametres", assumptions)),
        (Block("officiel", officiel.gaps, 1.5), Block("croisement", officiel.crossing)),
        Block("cote-a-cote", officiel.side_by_side),
    ),
    texts=(*acces.PARAMETER_NAMES, officiel.YEAR.name),
    said=lambda view: [*acces.said(view), *officiel.said(view)],
)
