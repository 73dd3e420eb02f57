"""What the second step of a new analysis offers: named views on universes, with where each begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lake.errors import UnknownName
from scoring.analyses.arbre import Arbre
from scoring.universes.axis import Axis
from scoring.universes.combining import applies
from scoring.universes.model import Measure, Universe
from scoring.universes.registry import UNIVERSES


@dataclass(frozen=True)
class Rayon:
    """A named view on a universe.

    Attributes:
        nom: name in addresses.
        titre: its title.
        groupe: under which heading it stands.
        univers: name of the universe.
        phrase: what it counts, in one French sentence.
        debut: prefix of the names of its measures; empty for all of them.
        cadres: what a new chart imposes: a questionnaire, a side.
        axe: the axis that a new chart begins by.
    """

    nom: str
    titre: str
    groupe: str
    univers: str
    phrase: str
    debut: str = ""
    cadres: Mapping[str, Arbre] = field(default_factory=dict)
    axe: str = "region"

    def measures(self, universe: Universe) -> list[Measure]:
        """Its measures, in the universe's order."""
        return [one for one in universe.measures if one.name.startswith(self.debut)]

    def axes(self, universe: Universe) -> list[Axis]:
        """The axes that one of its measures has, those that a frame fixes to one value left out."""
        fixed = {name for name, tree in self.cadres.items() if len(tree.imposes) == 1}
        measures = self.measures(universe)
        return [
            axis
            for axis in universe.axes
            if axis.name not in fixed and any(applies(universe, measure, axis) for measure in measures)
        ]


def _only(**imposed: str) -> dict[str, Arbre]:
    return {axis: Arbre({value: 3}, 0) for axis, value in imposed.items()}


_CONVERGENCE, _USAGE, _OTHER = "Convergence Ségur", "Usage et déploiement", "Offre et territoire"
_SAS = "Soins non programmés"
RAYONS = (
    Rayon("convergence-regions", "Convergence Régions", _CONVERGENCE, "convergence",
          "La maturité des services numériques régionaux face à la doctrine.",
          cadres=_only(volet="regions", questionnaire="QU")),
    Rayon("convergence-industriels", "Convergence Industriels", _CONVERGENCE, "convergence",
          "La maturité des produits que les éditeurs déclarent.",
          cadres=_only(volet="industriels", questionnaire="CI"), axe="axe"),
    Rayon("insi", "INS", _USAGE, "segur", "Les appels au téléservice et les identités qualifiées.", "insi_"),
    Rayon("psc", "PSC", _USAGE, "segur", "L’équipement en e-CPS et les connexions à Pro Santé Connect.", "psc_"),
    Rayon("mss", "MSSanté", _USAGE, "segur", "Les boîtes de messagerie sécurisée et leurs échanges.", "mss_"),
    Rayon("dmp", "DMP", _USAGE, "segur", "Les documents déposés et les dossiers alimentés.", "dmp_"),
    Rayon("certificats", "Certificats", _USAGE, "segur", "Les certificats des établissements.", "certificats_"),
    Rayon("cartes", "Cartes", _USAGE, "segur", "Les cartes de professionnel de santé et les e-CPS.", "cartes_"),
    Rayon("asp", "ASP", _USAGE, "segur", "Les logiciels commandés, installés et payés par le Ségur.", "asp_"),
    Rayon("referencement", "Référencement Ségur", _OTHER, "referencement",
          "Les logiciels référencés, par couloir et par vague.", axe="couloir"),
    Rayon("annuaire", "Annuaire", _OTHER, "annuaire", "Qui exerce où, dans quelle profession.", axe="departement"),
    Rayon("sas-offre", "Offre des SAS", _SAS, "sas_offre",
          "Les créneaux offerts, pris et restants des effecteurs.", axe="sas"),
    Rayon("sas-demande", "Demandes des SAS", _SAS, "sas_demande",
          "Les recherches des régulateurs, et celles qui n’ont pas trouvé de place.", axe="sas"),
    Rayon("sas-rendez-vous", "Rendez-vous des SAS", _SAS, "sas_rendez_vous",
          "Les rendez-vous pris après régulation, honorés ou non.", axe="sas"),
    Rayon("sas-couverture", "Couverture des SAS", _SAS, "sas_couverture",
          "La population qui trouve une place à quatre heures.", cadres=_only(horizon="4h"), axe="departement"),
)  # fmt: skip


def rayon(name: str) -> Rayon:
    """A rayon by its name.

    Raises:
        UnknownName: there is none; close names are suggested.
    """
    known = {one.nom: one for one in offered()}
    if name not in known:
        raise UnknownName("univers", name, known)
    return known[name]


def offered() -> list[Rayon]:
    """The rayons whose universe exists: no card leads nowhere."""
    return [one for one in RAYONS if one.univers in UNIVERSES]
