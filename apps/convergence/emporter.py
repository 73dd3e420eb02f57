"""« Publication »: the complete report composed on demand, and every figure of a campaign as one archive."""

from __future__ import annotations

import polars as pl

from apps.convergence.archive import archive_view, archive_zip, name_of, tables
from apps.convergence.chiffres import count, regions, volet
from apps.convergence.choix import Listed, Side
from apps.convergence.words import region_names, services
from apps.kit.access import access
from apps.kit.charts.figures import Figure, Figures
from apps.kit.charts.tables import Column, Table
from apps.kit.data.data import Data
from apps.kit.data.view import View
from apps.kit.export.jobs import Say, file_maker, same_file
from apps.kit.filters.filters import Snapshot
from apps.kit.pages.export import file_name
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Drawn
from apps.kit.style import french
from lake.catalog.convergence import CAMPAGNES
from scoring.universes.convergence import CONVERGENCE
from scoring.universes.convergence_listes import PLANS_DECLARES, REPONSES_DONNEES, SERVICES_DECLARES
from scoring.universes.convergence_tables import TABLES
from scoring.universes.model import Format


def _scopes(view: View) -> dict[str, str]:
    """All of the campaign, then each region."""
    names = region_names(view)
    codes = regions(view)
    listed = {code: names.get(code, code) for code in sorted(codes, key=lambda code: names.get(code, code))}
    return {"tout": "Toute la campagne", **listed}


SCOPE = Listed("archive", "Archive de", choices=_scopes)


def taken(view: View) -> View:
    """What the archive holds: the campaign shown, in the region chosen."""
    chosen = SCOPE.chosen(view)
    return archive_view(
        Data(view.data.lake, view.data.access),
        volet=volet(view.selection),
        jour=view.date,
        region="" if chosen == "tout" else chosen,
    )


def reading(view: View) -> str:
    """What can be taken away."""
    if view.date is None:
        return access.remedy("Aucune campagne n’est publiée", "obs ingest convergence")
    regions = len(_scopes(view)) - 1
    two = f", {french.counted(regions, 'région')} sur deux pages chacune" if regions > 1 else ""
    return (
        f"Campagne du {french.long_date(view.date)} : vue d'ensemble, axes, domaines, éditeurs{two}, et la méthode ; "
        "puis toutes les données, en CSV et en Parquet."
    )


def figures(view: View) -> Figures:
    """Services, answers, planned steps of the campaign."""
    known = SERVICES_DECLARES.measure("services_declares")
    return Figures(
        [
            Figure(
                known.label,
                french.number(count(view, known.name)),
                reference=f"{services(view, count(view, 'services_publies'))} dans le périmètre publié",
                help=known.definition,
            ),
            *(
                Figure(
                    label,
                    french.number(count(view, measure, universe, perimetre="tous")),
                    help=universe.measure(measure).definition,
                )
                for label, measure, universe in (
                    ("Réponses", "reponses", REPONSES_DONNEES),
                    ("Étapes de plan", "etapes", PLANS_DECLARES),
                )
            ),
        ]
    )


def report(view: View) -> Drawn:
    """The button of the publication."""

    def draw(view: View) -> None:
        from apps.convergence.publication import publication_pdf  # the renderers load on the first one only

        # The versions of this run: what is kept by them is made from them.
        data = Data(view.data.lake, view.data.access, [view.data.state])
        side, day = volet(view.selection), view.date

        def work(say: Say) -> bytes:
            return publication_pdf(data, volet=side, jour=day, say=say)

        key = repr((side, day, view.data.key(CAMPAGNES)))
        file = file_name(view, "publication", "pdf")
        kept = same_file(view, "publication", side, day)
        file_maker(
            "publication", "Composer la publication en PDF", file, work, key, view.data.access, kept=kept
        )

    return Drawn(
        draw,
        title="La publication entière",
        reading="Composée à la demande depuis les données, en moins d'une minute : sommaire, graphiques en vecteurs, "
        "annexe de méthode.",
    )


def archive(view: View) -> Drawn:
    """The button of the archive, and what it holds."""
    kept = taken(view)
    rows = [(name, TABLES[name].title, frame.height) for name, frame in tables(kept).items()]
    frame = pl.DataFrame(
        rows, schema={"fichier": pl.String, "contenu": pl.String, "lignes": pl.Int64}, orient="row"
    )

    def draw(view: View) -> None:
        apart = taken(view)
        key = repr((apart.selection, view.data.key(CAMPAGNES)))
        file_maker(
            "archive",
            "Préparer l'archive",
            name_of(apart),
            lambda _say: archive_zip(apart),
            key,
            view.data.access,
            mime="application/zip",
        )

    return Drawn(
        draw,
        Table(
            frame,
            (
                Column("fichier", "Fichier"),
                Column("contenu", "Contenu"),
                Column("lignes", "Lignes", Format.INTEGER),
            ),
        ),
        title="Toutes les données",
        reading=f"{len(rows)} tables et leurs scores, en CSV et en Parquet, avec le dictionnaire des colonnes.",
        counted=f"{french.number(int(frame['lignes'].sum()))} lignes",
    )


EMPORTER = Page(
    name="publication",
    title="Publication",
    question="Emporter la campagne",
    reading=reading,
    universe=CONVERGENCE,
    filters=(Side(), Snapshot("Campagne")),
    figures=figures,
    rows=(Block("rapport", report), Block("archive", archive, options=(SCOPE,))),
    printable=False,
)
