"""« Notice »: what each indicator means, which months are there, what was revised, what it does not say."""

from __future__ import annotations

from functools import cache

import altair as alt
import polars as pl

from apps.kit.access import access
from apps.kit.charts.charts import Chart
from apps.kit.charts.tables import Column, Table
from apps.kit.charts.template import APART, Template, hole
from apps.kit.data.view import View
from apps.kit.filters.filters import Months
from apps.kit.filters.regions import Regions
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Note
from apps.kit.style import french
from apps.kit.style.theme import BAR, INK, NO_DATA, SERIES
from apps.kit.style.worded import worded
from apps.kit.views.words import territory
from apps.segur.synthese import catalogue
from lake.catalog.journal import REJETS
from lake.catalog.segur import COMBINAISONS, COUVERTURE, RESTATEMENTS, SERVICES
from lake.contract import Table as Contract
from lake.errors import MissingTable
from scoring.universes.model import Format
from scoring.universes.segur import SEGUR

STATES = {"complet": BAR, "incomplet": SERIES[1], "absent": NO_DATA}


def _rows(view: View, table: Contract) -> pl.DataFrame:
    try:
        return view.data.frame(table)
    except MissingTable:
        return table.empty()


def covered(view: View) -> pl.DataFrame:
    """The state of each indicator that is delivered, month by month, from its first month on.

    Returns:
        DataFrame: ``mois`` (Date), ``indicateur`` (label), ``code``, ``statut``, ``lignes``, ``rejetees``.
    """
    lines = catalogue(view).select(code="code", libelle="libelle", debut="mois_debut", service="service")
    rows = _rows(view, COUVERTURE).rename({"indicateur": "code"}).join(lines, on="code", how="left")
    begun = pl.col("debut").is_null() | (pl.col("mois") >= pl.col("debut"))
    return (
        rows.filter(begun)
        .with_columns(indicateur=pl.coalesce("libelle", "code"))
        .sort("service", "code", "mois")
        .select("mois", "indicateur", "code", "statut", "lignes", "rejetees")
    )


def reading(view: View) -> str:
    """How many indicators, over which months, how many months are not complete."""
    rows = covered(view)
    if not rows.height:
        return access.remedy("Aucun mois n’est publié", "obs ingest segur")
    late = rows.filter(pl.col("statut") != "complet").height
    months = view.dates
    return (
        f"{len(view.universe.measures)} indicateurs, {french.period(months[-1], months[0])}, "
        f"{french.counted(len(months), 'mois publié', 'mois publiés')} ; "
        f"{french.counted(late, 'mois d’indicateur incomplet ou absent', 'mois d’indicateur incomplets ou absents')}."
    )


def coverage(view: View) -> Chart:
    """A grid of months by indicators; the table counts and names what is missing."""
    rows = covered(view)
    cells = (
        rows.select("indicateur", "statut", "mois", "lignes")
        .pipe(worded, lambda day: french.month(day, short=True), "mois")
        .pipe(worded, french.number, "lignes")
    )
    months = [french.month(day, short=True) for day in sorted(view.dates)]
    holes = {"mois": months, "reperes": months[:: max(1, len(months) // 6)]}
    spec = _grid().filled(holes, {"cases": cells})
    named = rows.pipe(worded, lambda day: french.month(day, short=True), "mois", "nom")
    counted = named.group_by("indicateur", maintain_order=True).agg(
        debut=pl.col("mois").min(),
        fin=pl.col("mois").filter(pl.col("statut") != "absent").max(),
        complets=(pl.col("statut") == "complet").sum().cast(pl.Int64),
        manquants=pl.col("nom").filter(pl.col("statut") != "complet").str.join(", "),
    )
    late = rows.filter(pl.col("statut") != "complet").height
    return Chart(
        spec,
        Table(
            counted,
            (
                Column("indicateur", "Indicateur"),
                Column("debut", "Premier mois", month=True),
                Column("fin", "Dernier mois", month=True),
                Column("complets", "Mois complets", Format.INTEGER),
                Column("manquants", "Mois incomplets ou absents"),
            ),
        ),
        title="Quels mois sont couverts ?",
        reading=f"{french.counted(late, 'case', 'cases')} : I, incomplet, ou A, absent."
        if late
        else "Tout est complet.",
        counted=french.counted(counted.height, "indicateur livré", "indicateurs livrés"),
    )


@cache
def _grid() -> Template:
    base = alt.Chart(alt.NamedData("cases")).encode(
        x=alt.X(
            "mois:O",
            sort=[hole("mois")],
            title=None,
            axis=alt.Axis(values=[hole("reperes")], labelAngle=0, labelOverlap=True, labelSeparation=APART),
        ),
        y=alt.Y("indicateur:N", sort=None, title=None, axis=alt.Axis(labelColor=INK)),
    )
    marks = base.mark_rect(stroke="#ffffff", strokeWidth=1.5).encode(
        color=alt.Color(
            "statut:N",
            scale=alt.Scale(domain=list(STATES), range=list(STATES.values())),
            legend=alt.Legend(title=None),
        ),
        tooltip=[
            alt.Tooltip("indicateur:N", title=" "),
            alt.Tooltip("mois:O", title="Mois"),
            alt.Tooltip("statut:N", title="État"),
            alt.Tooltip("lignes:N", title="Lignes"),
        ],
    )
    # Colour never says it alone: what is not complete bears its initial.
    words = (
        base.transform_filter("datum.statut != 'complet'")
        .transform_calculate(mot="datum.statut == 'absent' ? 'A' : 'I'")
        .mark_text(fontWeight=700, color=INK)
        .encode(text="mot:N")
    )
    return Template((marks + words).properties(height={"step": 20}, width="container"))


def definitions(view: View) -> Table:
    """The catalogue, in words."""
    rows = catalogue(view).with_columns(
        pl.col("service").replace(SERVICES),
        combinaison=pl.col("combinaison").replace(COMBINAISONS),
    )
    return Table(
        rows,
        (
            Column("service", "Service"),
            Column("libelle", "Indicateur"),
            Column("definition", "Définition", width=350),
            Column("ne_mesure_pas", "Ne mesure pas", width=280),
            Column("combinaison", "Combinaison", width="medium"),
            Column("source", "Source", width="medium"),
        ),
        title="Que mesure chaque indicateur ?",
        counted=french.counted(rows.height, "indicateur"),
        lines=3,
    )


def revisions(view: View) -> Table:
    """Published figures that a later delivery changed."""
    names = dict(catalogue(view).select("code", "libelle").iter_rows())
    # Several départements of one region are revised at once: their order is theirs, not that of the files.
    places = ["indicateur", "code_region", "code_departement", "valeur_avant", "valeur_apres"]
    rows = _rows(view, RESTATEMENTS).sort(
        "revise_le", "mois", *places, descending=[True, True, *(False for _ in places)], nulls_last=True
    )
    shown = rows.with_columns(
        pl.col("revise_le").dt.date(),
        pl.col("indicateur").replace(names),
        relatif=pl.when(pl.col("valeur_avant") > 0).then(pl.col("ecart") / pl.col("valeur_avant")),
    ).pipe(
        worded,
        lambda region, departement: _place(view, region, departement),
        ("code_region", "code_departement"),
        "lieu",
        nulls=True,
    )
    return Table(
        shown,
        (
            Column("revise_le", "Révisé le"),
            Column("mois", "Mois", month=True),
            Column("indicateur", "Indicateur"),
            Column("lieu", "Territoire"),
            Column("valeur_avant", "Avant", Format.INTEGER),
            Column("valeur_apres", "Après", Format.INTEGER),
            Column("ecart", "Écart", Format.INTEGER, change=True, good=0),
            Column("relatif", "En %", Format.SHARE, change=True, relative=True, good=0),
        ),
        title="Quels chiffres publiés ont été révisés ?",
        counted=french.counted(shown.height, "chiffre révisé", "chiffres révisés"),
    )


def _place(view: View, region: str | None, departement: str | None) -> str:
    if departement:
        return view.word("departement", departement)
    return f"{view.word('region', region)}, non réparti" if region else territory(None)


def rejects(view: View) -> Table:
    """Rejected lines by reason."""
    try:
        rows = view.data.scan(REJETS).filter(pl.col("source") == "segur")
        counts = rows.group_by("motif").agg(lignes=pl.len().cast(pl.Int64), fichier=pl.col("fichier").first())
        frame = counts.sort("lignes", "motif", descending=[True, False]).collect()
    except MissingTable:
        frame = pl.DataFrame(schema={"motif": pl.String, "lignes": pl.Int64, "fichier": pl.String})
    total = int(frame["lignes"].sum())
    if not frame.height:
        frame = pl.DataFrame({"motif": ["Aucune ligne refusée"], "lignes": [0], "fichier": [""]})
    return Table(
        frame,
        (Column("motif", "Motif"), Column("lignes", "Lignes", Format.INTEGER), Column("fichier", "Fichier")),
        title="Quelles lignes ont été refusées ?",
        reading="Chaque ligne refusée est gardée avec son numéro."
        + (" Pour les relire : obs lake rejets --source segur." if access.operates() else ""),
        counted=french.counted(total, "ligne rejetée", "lignes rejetées"),
    )


def limits(_view: View) -> Note:
    """What these figures do not say."""
    return Note(
        "- **Un mois manquant est un trou**, jamais un zéro ni une baisse : aucune évolution ne le traverse.\n"
        "- **Un flux s’additionne** sur la période ; un état est celui de son dernier mois ; un taux est le rapport de "
        "deux sommes à la maille affichée, jamais une moyenne de taux.\n"
        "- **Un compte distinct ne s’additionne pas** : une structure active deux mois est une seule structure.\n"
        "- **Une région est la somme de ses départements et de ce qu’elle n’a pas réparti** (« Non réparti »).\n"
        "- Un chiffre publié peut être révisé par une livraison ultérieure : les deux valeurs sont gardées plus haut.\n"
        "- Ces indicateurs disent l’équipement et l’usage déclarés ; ils ne disent ni la qualité des soins ni celle "
        "des données échangées.",
        title="Ce que ces chiffres ne disent pas",
    )


NOTICE = Page(
    name="notice",
    title="Notice",
    section="Notice",
    question="Que valent ces chiffres ?",
    reading=reading,
    universe=SEGUR,
    head=(Months(),),
    filters=(Regions(),),
    rows=(
        Block("couverture", coverage),
        Block("definitions", definitions),
        Block("revisions", revisions),
        Block("rejets", rejects),
        Block("limites", limits),
    ),
)
