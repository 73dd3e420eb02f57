"""Three personal analyses per demonstration account: one figure, one comparison, one story over time."""

from __future__ import annotations

from collections.abc import Iterable

from lake.store.accounts import accounts
from lake.store.analyses import documents, reading, subscriptions
from lake.store.engine import Store
from scoring.analyses.arbre import Arbre
from scoring.analyses.codec import encode
from scoring.analyses.spec import Analyse, Graphique, Section

_GRAND_EST = {"region": Arbre({"44": 2})}
_QU = {"questionnaire": Arbre({"QU": 3}, 0)}
_CI = {"questionnaire": Arbre({"CI": 3}, 0), "volet": Arbre({"industriels": 3}, 0)}


def _directory(prefix: str) -> tuple[Analyse, ...]:
    """What anyone may compose on the directory; identifiers of sections begin by ``prefix``."""
    return (
        Analyse("Où exercent les médecins ?", "La densité des médecins, département par département.", (
            Section(f"{prefix}bc", "Quels départements sont les mieux dotés ?", "Une densité, jamais un nombre.",
                    graphique=Graphique("annuaire", "carte", ("densite_pour_10000",), ("departement",),
                                        cadres={"profession": Arbre({"10": 3}, 0)})),)),
        Analyse("Les professions de ma région", "", (
            Section(f"{prefix}bd", "Combien, dans chaque profession ?",
                    graphique=Graphique("annuaire", "classement", ("professionnels",), ("profession",))),)),
        Analyse("Depuis la dernière extraction", "", (
            Section(f"{prefix}bf", "Quels départements ont bougé ?",
                    conclusion="Une différence peut venir du registre autant que des départs : voyez la méthode.",
                    graphique=Graphique("annuaire", "avant-apres", ("professionnels",), ("departement",))),)),
    )  # fmt: skip


def _regional(prefix: str) -> tuple[Analyse, ...]:
    return (
        Analyse("Le Grand Est sur Pro Santé Connect", "Préparée pour le comité du mois.", (
            Section(f"{prefix}bc", "Combien d’e-CPS chez nous ?", "Le Grand Est compte {{psc_e_cps|region=44}} e-CPS.",
                    graphique=Graphique("segur", "chiffres", ("psc_e_cps", "psc_taux_adoption"), cadres=_GRAND_EST)),
            Section(f"{prefix}bd", "Rattrapons-nous les autres régions ?",
                    graphique=Graphique("segur", "classement", ("psc_taux_adoption",), ("region",))),)),
        Analyse("Nos axes en retard", "", (
            Section(f"{prefix}bf", "Sur quels axes le niveau attendu n’est-il pas atteint ?",
                    graphique=Graphique("convergence", "histogramme", ("niveau_maturite", "niveau_attendu"), ("axe",),
                                        cadres={**_QU, "region": Arbre({"44": 2})})),)),
        Analyse("L’alimentation du DMP", "", (
            Section(f"{prefix}bg", "Le dépôt progresse-t-il ?",
                    graphique=Graphique("segur", "colonnes", ("dmp_documents",), ("mois",), cadres=_GRAND_EST)),)),
    )  # fmt: skip


def _national(prefix: str) -> tuple[Analyse, ...]:
    return (
        Analyse("Identité nationale : les régions", "", (
            Section(f"{prefix}bc", "Où les identités sont-elles qualifiées ?",
                    graphique=Graphique("segur", "carte", ("insi_taux_qualification",), ("region",))),)),
        Analyse("Messagerie : boîtes et échanges", "", (
            Section(f"{prefix}bd", "Combien de boîtes sont actives ?",
                    graphique=Graphique("segur", "chiffres", ("mss_boites_actives", "mss_messages_emis"))),
            Section(f"{prefix}bf", "Les échanges progressent-ils ?",
                    graphique=Graphique("segur", "colonnes", ("mss_messages_emis",), ("mois",))),)),
        Analyse("Maturité : les domaines à suivre", "", (
            Section(f"{prefix}bg", "Quels domaines restent en retrait ?",
                    graphique=Graphique("convergence", "repartition", ("taux_maturite_pct",), ("domaine", "zone_pos"),
                                        cadres=_QU)),)),
    )  # fmt: skip


def _vendor(prefix: str) -> tuple[Analyse, ...]:
    return (
        Analyse("Nos produits, axe par axe", "", (
            Section(f"{prefix}bc", "Où nos produits sont-ils prêts ?",
                    graphique=Graphique("convergence", "radar", ("niveau_maturite", "niveau_attendu"), ("axe",),
                                        cadres=_CI)),)),
        Analyse("Nos produits, un à un", "", (
            Section(f"{prefix}bd", "Quel est le niveau de chacun ?",
                    graphique=Graphique("convergence", "liste", ("taux_maturite_pct", "niveau_maturite"),
                                        ("nom_service",), cadres=_CI)),)),
        Analyse("Le chiffre à retenir", "", (
            Section(f"{prefix}bf", "Quel est notre taux de maturité ?",
                    graphique=Graphique("convergence", "chiffres", ("services_concernes", "taux_maturite_pct"),
                                        cadres=_CI)),)),
    )  # fmt: skip


OF_PROFILE = {
    "administrateur": _national("dmc"),
    "grades_ars": _regional("dmd"),
    "pilote_regional": _regional("dmf"),
    "expert_national": _national("dmg"),
    "industriel": _vendor("dmh"),
    "grand_public": _directory("dmj"),
}
"""Profile -> its three analyses."""


def create(store: Store, people: Iterable[tuple[str, str]]) -> int:
    """Give each demonstration account its analyses, the first one followed; an account that has some keeps them.

    Args:
        store: where.
        people: (profile, e-mail) of each account.

    Returns:
        How many were made.
    """
    made = 0
    for profil, email in people:
        compte = accounts.find(store, email)
        # Models are an administrator's to change, and nobody's own.
        if compte is None or any(
            one.right == reading.OWN and one.genre != "modele" for one in reading.listed(store, compte)
        ):
            continue
        numbers = [documents.create(store, compte, encode(analyse)) for analyse in OF_PROFILE[profil]]
        subscriptions.subscribe(store, compte, numbers[0])
        made += len(numbers)
    return made
