"""« Formule »: any rate opened to its P, N, w and capped ratios: the sum is redone in front of the reader."""

from __future__ import annotations

import polars as pl

from apps.convergence.campagne import axes, axis_key, campagne, details, scored
from apps.convergence.choix import HORIZON, Listed, shared_filters
from apps.convergence.words import at, level, rate, where, with_region
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column, Table
from apps.kit.data.view import View
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from scoring.convergence.detail import formule
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.model import Format

# The services' axes first: the regional questionnaire concerns one system a region.
AXIS = Listed(
    "axe", "Axe", choices=lambda view: dict(sorted(axes(view).items(), key=lambda one: one[0] < "QS"))
)


def of_axis(view: View) -> pl.DataFrame:
    """Every answer of the axis, counted or excluded."""
    return details(view, HORIZON.chosen(view)).filter(axis_key() == AXIS.chosen(view))


def sums(view: View) -> pl.DataFrame:
    """The sums of each service on the axis, those that answered first."""
    known = campagne(view).tous.select("service", "nom")
    rows = formule(of_axis(view).lazy()).collect().join(known, on="service", how="left")
    return with_region(view, rows).sort("taux_axe_pct", "service", nulls_last=True)


def _services(view: View) -> dict[str, str]:
    return {code: f"{nom} · {code}" for code, nom in sums(view).select("service", "nom").iter_rows()}


SERVICE = Listed("service", "Service", choices=_services)


def question(view: View) -> str:
    """« Comment se calcule le taux de l'axe … ? »"""
    return f"Comment se calcule le taux de l'axe {axes(view).get(AXIS.chosen(view), '')} ?"


def reading(view: View) -> str:
    """The last division of the formula, in figures."""
    rows = sums(view).filter(pl.col("n_criteres") > 0)
    if not rows.height:
        return f"{where(view)} : aucun service n'a répondu à cet axe."
    total = rows["taux_axe_pct"].sum()
    return (
        f"{where(view)}, {at(HORIZON.chosen(view))} : la somme des taux des P = {french.number(rows.height)} services "
        f"concernés vaut {french.number(total, 1)} ; divisée par P, elle donne {rate(total / rows.height)}."
    )


def figures(view: View) -> Figures:
    """P, N, exclusions, and the rate that scoring gives."""
    rows, answers = sums(view), of_axis(view)
    found = scored(view, "axe", HORIZON.chosen(view)).filter(axis_key() == AXIS.chosen(view))
    official = found.row(0, named=True) if found.height else {}
    counted = answers.filter(pl.col("niveau").is_not_null()).height
    return Figures(
        [
            Figure("P, services concernés", french.number(rows.filter(pl.col("n_criteres") > 0).height)),
            Figure("Réponses qui comptent", french.number(counted), reference="somme des N des services"),
            Figure(
                "Réponses exclues",
                french.number(answers.height - counted),
                reference="elles quittent toute somme et tout compte",
            ),
            Figure(
                "Taux de l'axe",
                rate(official.get("taux_maturite_pct")),
                reference=f"niveau {level(official.get('niveau_maturite'))}",
            ),
        ]
    )


def text(_view: View) -> Note:
    """The formula in words."""
    return Note(
        "Pour un service et les N critères de l'axe auxquels il **a répondu**, de poids *w* :\n\n"
        "- atteinte d'un critère = min(1, niveau / niveau attendu) ; un niveau attendu de 0 donne 1 ;\n"
        "- taux du service = Σ atteinte·w / Σ w ; niveau du service = Σ niveau·w / Σ w ;\n"
        "- taux de l'axe = moyenne des taux des P services qui ont répondu à au moins un de ses critères ;\n"
        "- taux d'un questionnaire = moyenne, sur les services, de la moyenne de leurs axes.\n\n"
        "*Non applicable*, un critère caché par une question préliminaire et un niveau que le porteur ne transmet pas "
        "ne comptent ni en haut, ni en bas.",
        title="La formule",
    )


def by_service(view: View) -> Table:
    """The sums, service by service, and the mean redone."""
    rows = sums(view)
    counted = rows.filter(pl.col("n_criteres") > 0)
    total: dict[str, object] = {
        "n_criteres": counted["n_criteres"].sum(),
        "exclusions": rows["exclusions"].sum(),
    }
    if counted.height:
        total |= {
            "taux_axe_pct": counted["taux_axe_pct"].sum() / counted.height,
            "niveau_axe": counted["niveau_axe"].sum() / counted.height,
        }
    return Table(
        rows,
        (
            Column("nom", "Service"),
            Column("nom_region", "Région"),
            Column(
                "n_criteres", "N", Format.INTEGER, help="Critères de l'axe auxquels le service a répondu."
            ),
            Column("somme_atteinte", "Σ atteinte·w", Format.DECIMAL, decimals=3),
            Column("somme_niveau", "Σ niveau·w", Format.DECIMAL),
            Column("somme_poids", "Σ w", Format.DECIMAL),
            Column("taux_axe_pct", "Taux", Format.PERCENT),
            Column("niveau_axe", "Niveau", Format.DECIMAL, decimals=2),
            Column("exclusions", "Exclues", Format.INTEGER),
        ),
        total=total,
        key="service",
        title="Service par service",
        reading="La dernière ligne refait la moyenne sur les P services ; les services sans réponse qui compte (N = 0) "
        "n'y sont pas.",
        counted=french.counted(counted.height, "service concerné", "services concernés"),
        measures=("taux_maturite_pct",),
    )


def of_service(view: View) -> Table:
    """The answers of one service on the axis, ratio by ratio."""
    code = SERVICE.chosen(view)
    labels = campagne(view).referentiel.select("critere", "libelle_critere").unique("critere")
    rows = of_axis(view).filter(pl.col("service") == code).join(labels, on="critere", how="left")
    counted = rows.drop_nulls("niveau")
    said = ""
    if counted.height:
        ratios = " + ".join(
            f"{french.number(row['atteinte'], 2)} × {french.number(row['poids'], 1)}"
            for row in counted.iter_rows(named=True)
        )
        weights = french.number(counted["poids"].sum(), 1)
        said = f"({ratios}) / {weights} = {rate(counted['taux_axe_pct'][0])}."
    return Table(
        rows.with_columns(produit=pl.col("atteinte") * pl.col("poids")),
        (
            Column("critere", "Critère"),
            Column("libelle_critere", "Nom"),
            Column("niveau_repondu", "Répondu", Format.INTEGER),
            Column(
                "niveau_planifie", "Planifié", Format.INTEGER, help="Plus haut niveau planifié à cette date."
            ),
            Column("porteur", "Porté par"),
            Column("niveau", "Niveau retenu", Format.INTEGER),
            Column("niveau_attendu", "Attendu", Format.INTEGER),
            Column("atteinte", "Atteinte, au plus 1", Format.DECIMAL, decimals=3),
            Column("poids", "w", Format.DECIMAL),
            Column("produit", "Atteinte·w", Format.DECIMAL, decimals=3),
            Column("motif_exclusion", "Exclue, pourquoi"),
        ),
        title="Les réponses d'un service",
        reading=said,
        counted=french.counted(rows.height, "réponse"),
    )


def excluded(view: View) -> Table:
    """Why answers do not count."""
    rows = (
        of_axis(view)
        .drop_nulls("motif_exclusion")
        .group_by("critere", "motif_exclusion")
        .agg(reponses=pl.len().cast(pl.Int64))
        .sort("critere", "motif_exclusion")
    )
    return Table(
        rows,
        (
            Column("critere", "Critère"),
            Column("motif_exclusion", "Motif"),
            Column("reponses", "Réponses", Format.INTEGER),
        ),
        title="Ce qui ne compte pas",
        counted=french.counted(
            rows["reponses"].sum() if rows.height else 0, "réponse exclue", "réponses exclues"
        ),
    )


FORMULE = Page(
    name="formule",
    title="Formule",
    question=question,
    reading=reading,
    universe=CONVERGENCE,
    filters=(AXIS, *shared_filters(horizon=True)),
    figures=figures,
    rows=(
        Block("service", of_service, options=(SERVICE,)),
        Block("services", by_service),
        (Block("formule", text), Block("exclusions", excluded)),
    ),
)
