"""What composed analyses cost the server: ``python -m bench.analyses LAC``.

Twelve charts of three universes, cold (nothing read yet, the server warmed as it starts) and warm (a reader comes
back); the gallery with its thumbnails' data; five hundred analyses listed; a PDF of twelve sections. No browser: the
pieces are made, not painted.
Goals: 800 ms cold, 100 ms warm, 500 ms for the gallery, one statement for the list, 3 s for the PDF. Subscriptions
have a bench of their own (:mod:`bench.abonnements`).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import Any

from apps.analyses.faits import facts
from apps.analyses.feuille import feuille
from apps.kit.data.data import Data
from apps.kit.export.pdf import page_pdf
from apps.kit.pages.sheet import figures_of, walk
from apps.kit.views.prepared import prepare
from lake.settings import Settings
from lake.store.accounts import accounts
from lake.store.analyses import documents
from lake.store.analyses.reading import listed
from lake.store.migrate import open_store
from lake.tables import Lake
from scoring.analyses.arbre import Arbre
from scoring.analyses.cadrage import Cadrage
from scoring.analyses.faits import Question
from scoring.analyses.recommander import gallery
from scoring.analyses.spec import Analyse, Graphique, Section
from scoring.universes.registry import universe

RUNS, ANALYSES = 5, 500
QU = {"questionnaire": Arbre({"QU": 3}, 0)}
CHARTS = (
    Graphique("segur", "chiffres", ("psc_e_cps", "psc_taux_adoption")),
    Graphique("segur", "carte", ("psc_taux_adoption",), ("region",)),
    Graphique("segur", "courbe", ("psc_taux_adoption",), ("mois",)),
    Graphique("segur", "classement", ("psc_taux_adoption",), ("profession",)),
    Graphique("segur", "chiffres", ("dmp_documents",), ("type_acteur",)),
    Graphique("convergence", "radar", ("niveau_maturite", "niveau_attendu"), ("axe",), cadres=QU),
    Graphique("convergence", "carte", ("taux_maturite_pct",), ("region",), cadres=QU),
    Graphique("convergence", "repartition", ("taux_maturite_pct",), ("domaine",), cadres=QU),
    Graphique("convergence", "tableau", ("services_concernes",), ("editeur",), cadres=QU),
    Graphique("annuaire", "classement", ("professionnels",), ("departement",)),
    Graphique("annuaire", "tableau", ("professionnels",), ("profession", "departement")),
    Graphique("annuaire", "chiffres", ("professionnels",)),
)
PAGE = Analyse(
    "Douze graphiques",
    sections=tuple(Section(f"bcdf{chr(98 + n)}", graphique=c) for n, c in enumerate(CHARTS)),
)


def timed(make: Callable[[], Any]) -> float:
    """Milliseconds of one run."""
    began = time.perf_counter()
    make()
    return (time.perf_counter() - began) * 1000


def drawn(data: Data) -> None:
    """Every piece of the page, as one run of the server makes them."""
    for part in feuille(PAGE, lambda _name: data).shown()[1:]:
        figures_of(part)
        for _ in walk(part):
            pass


def proposed(data: Data) -> None:
    """The gallery of a question: its facts, its verdicts, the data of the four first thumbnails."""
    found = data.universe(universe("segur"))
    chart = Graphique("segur", "tableau", ("psc_taux_adoption",), ("region",))
    start = Cadrage.of(chart).start(found, data.dates(found))
    question = Question.of(
        found, chart.mesures, chart.axes, facts(data, found, chart.mesures, chart.axes, start)
    )
    for one in [each for each in gallery(question) if each.possible][:4]:
        sections = (Section("bcdfgh", graphique=Graphique("segur", one.type, chart.mesures, chart.axes)),)
        for _ in walk(feuille(Analyse("V", sections=sections), lambda _name: data).shown()[1]):
            pass


def main(root: str) -> None:
    """Print each figure beside its goal."""
    settings = Settings(lake=root)

    def fresh() -> Data:
        return Data(Lake(settings))

    def said(what: str, value: float, goal: float) -> None:
        print(f"{what} : {value:.0f} ms (but : {goal:.0f} ms, {value / goal:.1f} fois)")

    # As the server does before its first reader.
    print(f"modèles de graphiques, au démarrage : {timed(lambda: list(prepare())):.0f} ms")
    before = time.process_time()
    cold = timed(lambda: drawn(fresh()))
    # On a machine that does something else, the time of the processor says more than the clock.
    said(
        f"douze graphiques, à froid (processeur : {(time.process_time() - before) * 1000:.0f} ms)", cold, 800
    )
    data = fresh()
    said("douze graphiques, lac rouvert", timed(lambda: drawn(data)), 800)
    said("douze graphiques, à chaud", statistics.median(timed(lambda: drawn(data)) for _ in range(RUNS)), 100)
    said("galerie, première fois", timed(lambda: proposed(data)), 500)
    said("galerie, ensuite", statistics.median(timed(lambda: proposed(data)) for _ in range(RUNS)), 500)
    page = feuille(PAGE, lambda _name: data)
    page_pdf(page.page, page.view, page.shown())  # the fonts and the engines are loaded
    said("PDF de douze sections", timed(lambda: page_pdf(page.page, page.view, page.shown())), 3_000)
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Settings(store=f"sqlite:///{folder}/store.db"))
        given = {"nom": "Lecteur", "prenom": "Essai", "organisation": "Essai", "profil": "expert_national"}
        compte = accounts.create(store, email="lecteur@exemple.fr", **given)
        for rank in range(ANALYSES):
            documents.create(store, compte, {"version": 1, "titre": f"Analyse {rank}", "sections": []})
        took = statistics.median(timed(lambda: listed(store, compte)) for _ in range(RUNS))
        print(f"{ANALYSES} analyses listées : {took:.0f} ms")
        store.close()


if __name__ == "__main__":
    said = argparse.ArgumentParser(prog="python -m bench.analyses", description=__doc__)
    said.add_argument("lac", nargs="?", default="lac", help="le lac (défaut : %(default)s)")
    main(said.parse_args().lac)
