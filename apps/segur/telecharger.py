"""« Télécharger »: the whole report as one PDF, and where each CSV is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from apps.kit.access import access
from apps.kit.data.data import Data
from apps.kit.data.view import View
from apps.kit.export.jobs import Say, file_maker, same_file
from apps.kit.export.report import report_pdf
from apps.kit.filters.filters import Months
from apps.kit.filters.regions import Regions
from apps.kit.pages.export import file_name
from apps.kit.pages.page import Block, Page
from apps.kit.pages.pieces import Drawn, Note
from apps.kit.style import french
from apps.kit.views.words import last_month, over
from lake.contract import Table as Contract
from scoring.universes.segur import SEGUR


def download_page(pages: Sequence[Page]) -> Page:
    """The page that makes a report of the other pages.

    Args:
        pages: the pages of the report, in order.
    """
    printed = [page for page in pages if page.printable]

    def reading(view: View) -> str:
        if last_month(view) is None:
            return access.remedy("Aucun mois n’est publié", "obs ingest segur")
        return (
            f"{len(printed)} pages, {over(view)} : les filtres de gauche et la période s’appliquent à toutes."
        )

    return Page(
        name="telecharger",
        title="Télécharger",
        section="Notice",
        question="Emporter le rapport",
        reading=reading,
        universe=SEGUR,
        head=(Months(),),
        filters=(Regions(),),
        rows=(Block("rapport", _report(printed)), Block("chiffres", _where_csv)),
        printable=False,
    )


def _report(pages: Sequence[Page]) -> Callable[[View], Drawn]:
    def build(view: View) -> Drawn:
        def draw(view: View) -> None:
            # The versions of this run: what is kept by them is made from them.
            data, state = Data(view.data.lake, view.data.access, [view.data.state]), view.state
            title, said = f"{view.universe.title} · {french.month(last_month(view))}", over(view)

            def work(say: Say) -> bytes:
                return report_pdf(title, said, pages, data, state, say=say)

            key = repr((state.selection, view.data.key(view.universe.table, *_tables(view))))
            file = file_name(view, "rapport", "pdf", page="")
            kept = same_file(view, title, *(page.name for page in pages))
            file_maker("rapport", "Composer le rapport en PDF", file, work, key, view.data.access, kept=kept)

        return Drawn(
            draw,
            title="Le rapport entier",
            reading="Composé à la demande : une page de sommaire, puis chaque page avec ses graphiques en vecteurs, "
            "ses filtres, sa source et sa date.",
        )

    return build


def _tables(view: View) -> list[Contract]:
    found = (view.universe.calendar, view.universe.catalogue)
    return [table for table in found if table is not None]


_COMMANDS = (
    "\n\nEn ligne de commande : `obs export segur --page psc --format csv --filtre region=44`, ou "
    "`obs export segur --page tout --format pdf`."
)


def _where_csv(_view: View) -> Note:
    return Note(
        "Sous chaque vue de chaque page, **CSV** donne ses chiffres : les mêmes qu’à l’écran, avec leurs filtres, leur "
        "source et leur date. **Cette page en PDF**, à gauche de chaque page, donne la page seule."
        + (_COMMANDS if access.operates() else ""),
        title="Les chiffres, vue par vue",
    )
