"""« Formule »: how the rate of an axis is made, down to each answer."""

from __future__ import annotations

import polars as pl

from apps.convergence.chiffres import CLE, NIVEAU, TAUX, axes, listed, rates
from apps.convergence.choix import AXIS, HORIZON, Listed, shared_filters
from apps.convergence.words import at, bounds, level, rate, region_named, where
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column
from apps.kit.data.view import View
from apps.kit.pages.page import Block, Page
from apps.kit.style import french
from apps.kit.views.own import ROWS, WORDS, Rows, Shown, Text
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.convergence_listes import FORMULES, REPONSES_DONNEES
from scoring.universes.model import Format


def of_axis(view: View) -> pl.DataFrame:
    """Every answer of the axis, counted or excluded."""
    return listed(view, REPONSES_DONNEES, horizon=HORIZON.chosen(view)).filter(AXIS.chosen(view) == CLE)


def sums(view: View) -> pl.DataFrame:
    """The sums of each service on the axis, those that answered first."""
    rows = listed(view, FORMULES, horizon=HORIZON.chosen(view)).filter(AXIS.chosen(view) == CLE)
    named = region_named(view, rows.with_columns(nom="nom_service"))
    return named.sort("taux_axe_pct", "service", nulls_last=True)


def _services(view: View) -> dict[str, str]:
    return {code: f"{nom} · {code}" for code, nom in sums(view).select("service", "nom").iter_rows()}


SERVICE = Listed("service", "Service", choices=_services)


def question(view: View) -> str:
    """« Comment se calcule le taux de l'axe … ? »"""
    return f"Comment se calcule le taux de l'axe {axes(view).get(AXIS.chosen(view), '')} ?{bounds(view, 'service')}"


def reading(view: View) -> str:
    """The last division of the formula, in figures."""
    rows = sums(view).filter(pl.col("n_criteres") > 0)
    if not rows.height:
        return f"{where(view, 'service')} : aucun service n'a répondu à cet axe."
    total = float(rows["taux_axe_pct"].sum())
    return (
        f"{where(view, 'service')}, {at(HORIZON.chosen(view))} : la somme des taux des P = "
        f"{french.number(rows.height)} services concernés vaut {french.number(total, 1)} ; divisée par P, elle donne "
        f"{rate(total / rows.height)}."
    )


def figures(view: View) -> Figures:
    """P, N, exclusions, and the rate that scoring gives."""
    answers = of_axis(view)
    found = rates(view, "axe", horizon=HORIZON.chosen(view)).filter(AXIS.chosen(view) == CLE)
    official = found.row(0, named=True) if found.height else {}
    counted = answers["niveau"].drop_nulls().len()
    concerned = sums(view).filter(pl.col("n_criteres") > 0).height
    return Figures(
        [
            Figure("P, services concernés", french.number(concerned)),
            Figure("Réponses qui comptent", french.number(counted), reference="somme des N des services"),
            Figure(
                "Réponses exclues",
                french.number(answers.height - counted),
                reference="elles quittent toute somme et tout compte",
            ),
            Figure(
                "Taux de l'axe", rate(official.get(TAUX)), reference=f"niveau {level(official.get(NIVEAU))}"
            ),
        ]
    )


TEXT = Text(
    "Pour un service et les N critères de l'axe auxquels il **a répondu**, de poids *w* :\n\n"
    "- atteinte d'un critère = min(1, niveau / niveau attendu) ; un niveau attendu de 0 donne 1 ;\n"
    "- taux du service = Σ atteinte·w / Σ w ; niveau du service = Σ niveau·w / Σ w ;\n"
    "- taux de l'axe = moyenne des taux des P services qui ont répondu à au moins un de ses critères ;\n"
    "- taux d'un questionnaire = moyenne, sur les services, de la moyenne de leurs axes.\n\n"
    "*Non applicable*, un critère caché par une question préliminaire et un niveau que le porteur ne transmet pas "
    "ne comptent ni en haut, ni en bas.",
    "La formule",
)


ROWS["formule.services"] = sums


@ROWS("formule.moyenne")
def mean(view: View) -> pl.DataFrame:
    """The mean redone over the services that answered, as one row."""
    rows = sums(view)
    counted = rows.filter(pl.col("n_criteres") > 0)
    means = [pl.col(name).sum() / counted.height for name in ("taux_axe_pct", "niveau_axe") if counted.height]
    return counted.select(pl.col("n_criteres").sum(), *means).with_columns(
        exclusions=rows["exclusions"].sum()
    )


@ROWS("formule.reponses")
def of_service(view: View) -> pl.DataFrame:
    """The answers of one service on the axis, ratio by ratio."""
    rows = of_axis(view).filter(pl.col("service") == SERVICE.chosen(view))
    return rows.with_columns(produit=pl.col("atteinte") * pl.col("poids"))


@WORDS("rapport")
def ratio(shown: Shown) -> str:
    """The division of one service, in figures."""
    counted = shown.frame.drop_nulls("niveau")
    if not counted.height:
        return ""
    ratios = " + ".join(
        f"{french.number(atteinte, 2)} × {french.number(poids, 1)}"
        for atteinte, poids in counted.select("atteinte", "poids").iter_rows()
    )
    weights = french.number(float(counted["poids"].sum()), 1)
    return f"({ratios}) / {weights} = {rate(counted['taux_axe_pct'][0])}."


@ROWS("formule.exclusions")
def excluded(view: View) -> pl.DataFrame:
    """Why answers do not count."""
    away = of_axis(view).drop_nulls("motif_exclusion")
    rows = away.group_by("critere", "motif_exclusion").agg(reponses=pl.len().cast(pl.Int64))
    return rows.sort("critere", "motif_exclusion")


WORDS["services_comptes"] = lambda s: french.counted(
    s.frame.filter(pl.col("n_criteres") > 0).height, "service concerné", "services concernés"
)
WORDS["reponses_exclues"] = lambda s: french.counted(
    int(s.frame["reponses"].sum()), "réponse exclue", "réponses exclues"
)
BY_SERVICE = Rows(
    "formule.services",
    (
        Column("nom", "Service"),
        Column("nom_region", "Région"),
        Column("n_criteres", "N", Format.INTEGER, help="Critères de l'axe auxquels le service a répondu."),
        Column("somme_atteinte", "Σ atteinte·w", Format.DECIMAL, decimals=3),
        Column("somme_niveau", "Σ niveau·w", Format.DECIMAL),
        Column("somme_poids", "Σ w", Format.DECIMAL),
        Column("taux_axe_pct", "Taux", Format.PERCENT),
        Column("niveau_axe", "Niveau", Format.DECIMAL, decimals=2),
        Column("exclusions", "Exclues", Format.INTEGER),
    ),
    "Service par service",
    reading="La dernière ligne refait la moyenne sur les P services ; les services sans réponse qui compte (N = 0) "
    "n'y sont pas.",
    key="service",
    measures=(TAUX,),
    counted="{services_comptes}",
    total="formule.moyenne",
)
OF_SERVICE = Rows(
    "formule.reponses",
    (
        Column("critere", "Critère"),
        Column("libelle_critere", "Nom"),
        Column("niveau_repondu", "Répondu", Format.INTEGER),
        Column("niveau_planifie", "Planifié", Format.INTEGER, help="Plus haut niveau planifié à cette date."),
        Column("porteur", "Porté par"),
        Column("niveau", "Niveau retenu", Format.INTEGER),
        Column("niveau_attendu", "Attendu", Format.INTEGER),
        Column("atteinte", "Atteinte, au plus 1", Format.DECIMAL, decimals=3),
        Column("poids", "w", Format.DECIMAL),
        Column("produit", "Atteinte·w", Format.DECIMAL, decimals=3),
        Column("motif_exclusion", "Exclue, pourquoi"),
    ),
    "Les réponses d'un service",
    ("réponse",),
    "{rapport}",
)
EXCLUDED = Rows(
    "formule.exclusions",
    (
        Column("critere", "Critère"),
        Column("motif_exclusion", "Motif"),
        Column("reponses", "Réponses", Format.INTEGER),
    ),
    "Ce qui ne compte pas",
    counted="{reponses_exclues}",
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
        Block("service", OF_SERVICE, options=(SERVICE,)),
        Block("services", BY_SERVICE),
        (Block("formule", TEXT), Block("exclusions", EXCLUDED)),
    ),
)
