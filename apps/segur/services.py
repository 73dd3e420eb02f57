"""The pages of the services: one declaration each, made of the shared views."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from apps.kit.data.view import View
from apps.kit.filters.filters import Choice, Filter, Months, Option
from apps.kit.filters.regions import Regions
from apps.kit.pages.page import Block, Page, Row
from apps.kit.views.figures import KeyFigures, reading
from apps.kit.views.gallery import Columns, Curve, Ranked, Ring, TerritoryMap, Values
from apps.kit.views.maps import MESH
from apps.kit.views.plan import GROUND
from apps.kit.views.words import where
from scoring.universes.segur import SEGUR

PERIOD = Months()
PROFESSION, EDITOR, ACTOR = Choice("profession"), Choice("editeur"), Choice("type_acteur")


def service_page(
    name: str,
    title: str,
    section: str,
    question: str,
    measures: Sequence[str],
    rows: Sequence[Row],
    dimensions: Sequence[Filter] = (),
) -> Page:
    """A page of the report: time slider under the menu, territory and its own dimensions on the left.

    Args:
        name: name in the address.
        title: title in the menu.
        section: drop-down of the menu.
        question: what the page answers; the territory is added.
        measures: measures of its key figures (four at most), the first one read aloud.
        rows: its views.
        dimensions: filters of this page alone.
    """
    return Page(
        name=name,
        title=title,
        section=section,
        question=_asked(question),
        reading=reading(*measures),
        universe=SEGUR,
        head=(PERIOD,),
        filters=(Regions(), *dimensions),
        figures=KeyFigures(tuple(measures)),
        rows=rows,
    )


def _asked(question: str) -> Callable[[View], str]:
    def ask(view: View) -> str:
        return question.format(ou=where(view))

    return ask


def by_mesh(measures: Sequence[str], title: str = "") -> Values:
    """Measures by region or département, highest last measure first, with what is not allocated and the whole."""
    return Values(tuple(measures), MESH, title, order=measures[-1])


def _shown(labels: dict[str, str]) -> Option:
    return Option("indicateur", "Indicateur", labels)


PSC_MEASURES = ("psc_professionnels", "psc_e_cps", "psc_taux_adoption")
PSC_USAGE = service_page(
    "psc",
    "PSC 1 · Usage",
    "PSC",
    "Pro Santé Connect est-il utilisé ? {ou}",
    ("psc_taux_adoption", "psc_e_cps", "psc_professionnels", "psc_connexions"),
    (
        (
            Block("connexions", Columns("psc_connexions")),
            Block("utilisateurs", Columns("psc_utilisateurs")),
        ),
        Block("adoption", Curve(("psc_taux_adoption",), "Le taux d’adoption de l’e-CPS, mois par mois")),
        Block(
            "territoires",
            by_mesh((*PSC_MEASURES[:2], "psc_connexions", PSC_MEASURES[2])),
            options=(MESH,),
        ),
    ),
    (PROFESSION,),
)
PSC_SHOWN = _shown({"psc_taux_adoption": "Adoption", "psc_e_cps": "e-CPS", "psc_connexions": "Connexions"})
PSC_MAP = service_page(
    "psc-carte",
    "PSC 2 · Carte",
    "PSC",
    "Où l’e-CPS est-elle adoptée ? {ou}",
    ("psc_taux_adoption", "psc_e_cps", "psc_professionnels"),
    (
        (
            Block(
                "carte",
                TerritoryMap(PSC_SHOWN, title="L’e-CPS par territoire"),
                1.5,
                (MESH, PSC_SHOWN, GROUND),
            ),
            Block("premiers", Ranked(PSC_SHOWN, MESH, "Qui est devant ?")),
        ),
        Block("territoires", by_mesh(PSC_MEASURES)),
    ),
    (PROFESSION,),
)
PSC_DETAIL = service_page(
    "psc-professions",
    "PSC 3 · Professions",
    "PSC",
    "Quelles professions utilisent Pro Santé Connect ? {ou}",
    ("psc_taux_adoption", "psc_e_cps", "psc_professionnels", "psc_utilisateurs"),
    (
        Block("professions", Values((*PSC_MEASURES, "psc_connexions"), "profession", "Par profession")),
        (
            Block(
                "taux", Ranked("psc_taux_adoption", "profession", "Où l’adoption est-elle la plus forte ?")
            ),
            Block("cartes", Ranked("psc_e_cps", "profession", "Qui a activé l’e-CPS ?")),
        ),
    ),
    (PROFESSION,),
)

INSI_RATE = ("insi_identites", "insi_identites_qualifiees", "insi_taux_qualification")
INSI_USAGE = service_page(
    "insi",
    "INSi 1 · Identités",
    "INSi",
    "L’identité nationale est-elle qualifiée ? {ou}",
    ("insi_taux_qualification", "insi_identites_qualifiees", "insi_identites", "insi_structures_actives"),
    (
        Block("taux", Curve(("insi_taux_qualification",), "La part des identités qualifiées, mois par mois")),
        Block("acteurs", Values(INSI_RATE, "type_acteur", "Par type d’acteur")),
        Block("editeurs", Ranked("insi_identites_qualifiees", "editeur", "Avec quels logiciels ?")),
        Block("territoires", by_mesh(INSI_RATE), options=(MESH,)),
    ),
    (ACTOR, EDITOR),
)
INSI_CALLS = service_page(
    "insi-appels",
    "INSi 2 · Appels",
    "INSi",
    "Le téléservice INSi est-il appelé ? {ou}",
    ("insi_recuperations", "insi_verifications", "insi_structures_actives"),
    (
        (
            Block("recuperations", Columns("insi_recuperations")),
            Block("verifications", Columns("insi_verifications")),
        ),
        Block("structures", Columns("insi_structures_actives")),
        (
            Block("acteurs", Ranked("insi_recuperations", "type_acteur", "Qui récupère l’identité ?")),
            Block("editeurs", Ranked("insi_recuperations", "editeur", "Avec quels logiciels ?")),
        ),
        Block(
            "territoires",
            by_mesh(("insi_structures_actives", "insi_verifications", "insi_recuperations")),
            options=(MESH,),
        ),
    ),
    (ACTOR, EDITOR),
)

DMP_USAGE = service_page(
    "dmp",
    "DMP 1 · Alimentation",
    "DMP",
    "Le dossier médical partagé est-il alimenté ? {ou}",
    ("dmp_documents", "dmp_alimentes", "dmp_structures_alimentantes"),
    (
        (Block("documents", Columns("dmp_documents")), Block("dossiers", Columns("dmp_alimentes"))),
        Block("structures", Columns("dmp_structures_alimentantes")),
        Block(
            "territoires",
            by_mesh(("dmp_structures_alimentantes", "dmp_alimentes", "dmp_documents")),
            options=(MESH,),
        ),
    ),
    (ACTOR, EDITOR),
)
DMP_ACTORS = service_page(
    "dmp-acteurs",
    "DMP 2 · Acteurs",
    "DMP",
    "Qui alimente le dossier médical partagé ? {ou}",
    ("dmp_documents", "dmp_alimentes", "dmp_structures_alimentantes"),
    (
        (
            Block("acteurs", Ring("dmp_documents", "type_acteur", "Par type d’acteur")),
            Block("editeurs", Ranked("dmp_documents", "editeur", "Avec quels logiciels ?")),
        ),
        Block(
            "detail",
            Values(
                ("dmp_documents", "dmp_alimentes", "dmp_structures_alimentantes"),
                "type_acteur",
                "En chiffres",
            ),
        ),
    ),
    (ACTOR, EDITOR),
)

MSS_RATE = ("mss_boites", "mss_boites_actives", "mss_taux_activite")
MSS_USAGE = service_page(
    "mss",
    "MSS 1 · Messages",
    "MSS",
    "Les messageries sécurisées servent-elles ? {ou}",
    ("mss_messages_emis", "mss_messages_recus", "mss_messages_patients", "mss_taux_activite"),
    (
        (Block("emis", Columns("mss_messages_emis")), Block("recus", Columns("mss_messages_recus"))),
        Block("patients", Columns("mss_messages_patients")),
        (
            Block("acteurs", Ranked("mss_messages_emis", "type_acteur", "Qui émet ?")),
            Block("boites", Ring("mss_boites_actives", "type_acteur", "Qui a les boîtes actives ?")),
        ),
        Block(
            "detail",
            Values(
                ("mss_messages_emis", "mss_messages_recus", "mss_messages_patients"),
                "type_acteur",
                "En chiffres",
            ),
        ),
    ),
    (ACTOR, EDITOR),
)
MSS_SHOWN = _shown(
    {"mss_taux_activite": "Activité", "mss_boites": "Boîtes", "mss_messages_emis": "Messages émis"}
)
MSS_MAP = service_page(
    "mss-carte",
    "MSS 2 · Carte",
    "MSS",
    "Où les messageries sécurisées sont-elles actives ? {ou}",
    ("mss_taux_activite", "mss_boites_actives", "mss_boites"),
    (
        (
            Block(
                "carte",
                TerritoryMap(MSS_SHOWN, title="Les messageries par territoire"),
                1.5,
                (MESH, MSS_SHOWN, GROUND),
            ),
            Block("premiers", Ranked(MSS_SHOWN, MESH, "Qui est devant ?")),
        ),
        Block("territoires", by_mesh(MSS_RATE)),
    ),
    (ACTOR, EDITOR),
)

CERTIFICATES = ("certificats_insi", "certificats_autres", "certificats_etablissements")
CERTIFICATES_SHOWN = _shown(
    {
        "certificats_etablissements": "Établissements",
        "certificats_insi": "INSi",
        "certificats_autres": "Autres",
    }
)
CERTIFICATES_PAGE = service_page(
    "certificats",
    "Certificats",
    "Équipement",
    "Qui détient un certificat logiciel ? {ou}",
    ("certificats_etablissements", "certificats_insi", "certificats_autres"),
    (
        (
            Block(
                "carte",
                TerritoryMap(CERTIFICATES_SHOWN, title="Les certificats par territoire"),
                1.5,
                (MESH, CERTIFICATES_SHOWN, GROUND),
            ),
            Block("premiers", Ranked(CERTIFICATES_SHOWN, MESH, "Qui est devant ?")),
        ),
        Block("territoires", by_mesh(CERTIFICATES)),
        (
            Block("etablissements", Columns("certificats_etablissements")),
            Block("acteurs", Ranked("certificats_etablissements", "type_acteur", "Par type d’acteur")),
        ),
    ),
    (ACTOR,),
)
CARDS_PAGE = service_page(
    "cartes",
    "Cartes",
    "Équipement",
    "Combien de cartes de professionnels ? {ou}",
    ("cartes_cps", "cartes_e_cps_actives"),
    (
        (Block("cps", Columns("cartes_cps")), Block("e-cps", Columns("cartes_e_cps_actives"))),
        Block("professions", Values(("cartes_cps", "cartes_e_cps_actives"), "profession", "Par profession")),
        Block("territoires", by_mesh(("cartes_e_cps_actives", "cartes_cps")), options=(MESH,)),
    ),
    (PROFESSION,),
)
ASP_MEASURES = (
    "asp_logiciels_commandes",
    "asp_logiciels_installes",
    "asp_logiciels_payes",
    "asp_taux_installation",
)
ASP_PAGE = service_page(
    "asp",
    "ASP",
    "Équipement",
    "Où en est le financement des logiciels Ségur ? {ou}",
    ("asp_taux_installation", *ASP_MEASURES[:3]),
    (
        Block("etapes", Curve(ASP_MEASURES[:3], "Des commandes aux paiements")),
        Block("acteurs", Values(ASP_MEASURES, "type_acteur", "Par type de structure")),
        Block("editeurs", Ranked("asp_logiciels_commandes", "editeur", "Quels logiciels sont commandés ?")),
        Block("territoires", by_mesh(ASP_MEASURES), options=(MESH,)),
    ),
    (ACTOR, EDITOR),
)
SECURITY_PAGE = service_page(
    "securite",
    "Sécurité",
    "Équipement",
    "Les établissements préparent-ils leur sécurité numérique ? {ou}",
    ("securite_plans", "securite_audits"),
    (
        (Block("audits", Columns("securite_audits")), Block("plans", Columns("securite_plans"))),
        Block("acteurs", Ranked("securite_plans", "type_acteur", "Qui a un plan en vigueur ?")),
        Block("territoires", by_mesh(("securite_audits", "securite_plans")), options=(MESH,)),
    ),
    (ACTOR,),
)

SERVICES = (
    PSC_USAGE, PSC_MAP, PSC_DETAIL, INSI_USAGE, INSI_CALLS, DMP_USAGE, DMP_ACTORS, MSS_USAGE, MSS_MAP,
    CERTIFICATES_PAGE, CARDS_PAGE, ASP_PAGE, SECURITY_PAGE,
)  # fmt: skip
