"""Contracts of Convergence: referential, services, answers, plans and milestones, one set per campaign.

Two sides (``volet``) share the tables: ``regions`` (digital health services of the regions) and
``industriels`` (products of editors, with a referential of their own). A campaign is a side and a date.

Sources: the doctrine's maturity grids (Agence du Numérique en Santé, Convergence v1.2, state on 15 December
2020) for the referential; the declarations of the regions and editors for the rest.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

import dataframely as dy
import polars as pl

from lake.contract import Table, text
from lake.errors import ContractError

LICENCE = "Licence Ouverte 2.0 — Agence du Numérique en Santé, régions (Convergence)"

VOLETS = ("regions", "industriels")
KINDS = ("metier", "infrastructure", "si_regional", "produit")
SUJETS = ("service", "si_regional", "produit")
PORTEURS_DE_JALON = ("national", "editeur", "regional")
STATUTS_AMELIORATION = ("proposee", "retenue", "realisee", "ecartee")
DOMAINES = ("1", "2", "3", "4", "5", "6.1", "6.2", "6.3", "6.4", "6.5", "6.6", "6.7", "6.8", "7", "8")
"""The fifteen principal functional domains of the plan d'occupation des sols (POS)."""

TRIMESTRE = r"^[0-9]{4}-T[1-4]$"
VOLET_FORM = r"^(regions|industriels)$"
SEUILS = r"^(-?[0-9]+(\.[0-9]+)?)?(\|(-?[0-9]+(\.[0-9]+)?)?){2}$"


def trimestre_rang(trimestre: str) -> int:
    """Rank of a quarter on one line of time: ``4 × year + quarter − 1``.

    Raises:
        ContractError: not a quarter of the form ``2022-T3``.
    """
    if not re.match(TRIMESTRE, trimestre):
        raise ContractError(
            f"Trimestre illisible : « {trimestre} ».", conseil="Forme attendue : 2022-T3 (année, T, 1 à 4)."
        )
    return 4 * int(trimestre[:4]) + int(trimestre[6]) - 1


def trimestre_nom(rang: int) -> str:
    """The quarter of a rank: the inverse of :func:`trimestre_rang`."""
    return f"{rang // 4:04d}-T{rang % 4 + 1}"


def trimestre_fin(trimestre: str) -> date:
    """Last day of a quarter: the day on which what is planned in it is reached.

    Raises:
        ContractError: not a quarter of the form ``2022-T3``.
    """
    suivant = trimestre_rang(trimestre) + 1
    return date(suivant // 4, 3 * (suivant % 4) + 1, 1) - timedelta(days=1)


def trimestre_acheve(jour: date) -> int:
    """Rank of the last quarter that is over at the end of a day (its own quarter on its last day)."""
    rang = 4 * jour.year + (jour.month - 1) // 3
    return rang if trimestre_fin(trimestre_nom(rang)) == jour else rang - 1


def rang_expr(column: str | pl.Expr = "trimestre") -> pl.Expr:
    """The rank of a quarter column (``2022-T3``) as Int32; null where the text is not a quarter."""
    quarter = (pl.col(column) if isinstance(column, str) else column).str.strip_chars()
    return (
        pl.when(quarter.str.contains(TRIMESTRE))
        .then(
            4 * quarter.str.slice(0, 4).cast(pl.Int32, strict=False)
            + quarter.str.slice(6, 1).cast(pl.Int32, strict=False)
            - 1
        )
        .otherwise(None)
    )


def domaine_expr(column: str = "zone_pos") -> pl.Expr:
    """The principal domain of a POS zone: ``6.2`` stays, ``4.1`` is in ``4``, ``7.3`` in ``7``."""
    zone = pl.col(column).cast(pl.String)
    return pl.when(zone.str.starts_with("6.")).then(zone).otherwise(zone.str.split(".").list.first())


class ReferentielSchema(dy.Schema):
    """One row per criterion and date from which its expected level holds."""

    volet = dy.String(primary_key=True, regex=VOLET_FORM, description="Volet : regions ou industriels")
    version = dy.String(primary_key=True, description="Version du référentiel")
    questionnaire = dy.String(description="Code du questionnaire")
    libelle_questionnaire = dy.String(description="Questionnaire")
    sujet = dy.String(
        regex=r"^(service|si_regional|produit)$",
        description="Qui répond : service, si_regional ou produit",
    )
    axe = dy.String(description="Code de l'axe")
    libelle_axe = dy.String(description="Axe")
    critere = dy.String(primary_key=True, description="Code du critère")
    libelle_critere = dy.String(description="Critère")
    ordre = dy.Int64(min=1, description="Rang du critère dans le référentiel")
    niveau_attendu = dy.Int64(min=0, max=3, description="Niveau attendu par la doctrine (0 à 3)")
    a_partir_du = dy.Date(primary_key=True, description="Date à partir de laquelle ce niveau est attendu")
    poids = dy.Float64(min_exclusive=0, description="Poids du critère dans son axe (strictement positif)")
    non_applicable = dy.Bool(description="Un service peut répondre « non applicable »")
    question = text("Question préliminaire qui fait apparaître le critère ; vide : toujours posé")
    etat_critere = text(
        "État du critère : pose, en_attente (montré, non demandé) ou retire",
        regex=r"^(pose|en_attente|retire)$",
    )
    type_reponse = text(
        "Ce qui est répondu : niveau, nombre, date ou texte ; vide : niveau",
        regex=r"^(niveau|nombre|date|texte)$",
    )
    unite = text("Unité d'une réponse chiffrée")
    seuils = text("Seuils des niveaux 1|2|3 d'un nombre, vide pour un niveau sans seuil", regex=SEUILS)
    diffusion = text("Restreinte : la région et les experts seuls ; vide : ouverte", regex=r"^restreinte$")
    libelle_na = text("Ce que « non applicable » veut dire pour ce critère")


class NiveauxSchema(dy.Schema):
    """One row per level that a criterion has."""

    volet = dy.String(primary_key=True, regex=VOLET_FORM, description="Volet : regions ou industriels")
    version = dy.String(primary_key=True, description="Version du référentiel")
    critere = dy.String(primary_key=True, description="Code du critère")
    niveau = dy.Int64(primary_key=True, min=0, max=3, description="Niveau (0 à 3)")
    libelle_niveau = dy.String(description="Ce que le niveau veut dire pour ce critère (résumé)")


class VersionsSchema(dy.Schema):
    """One row per version of a referential: published once, never rewritten."""

    volet = dy.String(primary_key=True, regex=VOLET_FORM, description="Volet : regions ou industriels")
    version = dy.String(primary_key=True, description="Version du référentiel")
    empreinte = dy.String(
        regex=r"^[0-9a-f]{64}$", description="SHA-256 du contenu : une version publiée ne change plus"
    )
    criteres = dy.Int64(min=0, description="Critères")
    niveaux = dy.Int64(min=0, description="Niveaux, tous critères réunis")
    en_vigueur_le = dy.Date(
        nullable=True, description="Jour où la saisie la suit ; vide : celui de son nom, ou d'une campagne"
    )


def _volet() -> dy.String:
    return dy.String(primary_key=True, regex=VOLET_FORM, description="Volet : regions ou industriels")


def _campagne() -> dy.Date:
    return dy.Date(primary_key=True, description="Date de la campagne (état des réponses à ce jour)")


class ServicesSchema(dy.Schema):
    """One row per service, regional information system or product of a campaign."""

    volet = _volet()
    campagne = _campagne()
    service = dy.String(primary_key=True, description="Identifiant du service")
    nom = dy.String(description="Nom du service")
    region = text("Code de la région ; vide pour un produit")
    kind = dy.String(
        regex=r"^(metier|infrastructure|si_regional|produit)$",
        description="Nature : metier, infrastructure, si_regional ou produit",
    )
    zone_pos = text("Zone du plan d'occupation des sols (POS)", regex=r"^[1-8](\.[1-8])?$")
    type_service = text("Type de service")
    tronc_commun = dy.Bool(description="Le service est d'un type du tronc commun")
    publiable = dy.Bool(description="Le service peut figurer dans une publication")
    converge = dy.Bool(description="Le service converge (faux : il sera décommissionné)")
    utilise = text("Services utilisés, séparés par |")


class SolutionsSchema(dy.Schema):
    """One row per service × editor × solution."""

    volet = _volet()
    campagne = _campagne()
    service = dy.String(primary_key=True, description="Identifiant du service")
    editeur = dy.String(primary_key=True, description="Éditeur")
    solution = dy.String(primary_key=True, description="Solution")


class PreliminairesSchema(dy.Schema):
    """One row per service × preliminary question."""

    volet = _volet()
    campagne = _campagne()
    service = dy.String(primary_key=True, description="Identifiant du service")
    question = dy.String(primary_key=True, description="Question préliminaire")
    valeur = dy.Bool(nullable=True, description="Réponse ; vide : inconnue, le critère est alors posé")


class ReponsesSchema(dy.Schema):
    """One row per service × criterion: a level, « non applicable », or carried by another service."""

    volet = _volet()
    campagne = _campagne()
    service = dy.String(primary_key=True, description="Identifiant du service")
    critere = dy.String(primary_key=True, description="Code du critère")
    niveau = dy.Int64(nullable=True, min=0, max=3, description="Niveau répondu (0 à 3)")
    non_applicable = dy.Bool(
        description="Le critère ne s'applique pas : il quitte toute somme et tout compte"
    )
    porte_par = text("Service d'infrastructure qui porte le critère et transmet son niveau")
    transmis = dy.Bool(description="Faux : ce service ne transmet pas son niveau à ceux qu'il porte")
    valide_le = dy.Date(nullable=True, description="Date de validation de la réponse")
    valide_par = text("Qui a validé la réponse")
    commentaire = text("Commentaire")

    @dy.rule()
    def une_reponse_et_une_seule(cls) -> pl.Expr:
        """Exactly one of level, not applicable, carried."""
        given = (
            pl.col("niveau").is_not_null().cast(pl.Int8)
            + pl.col("non_applicable").cast(pl.Int8)
            + pl.col("porte_par").is_not_null().cast(pl.Int8)
        )
        return given == 1


class PlansSchema(dy.Schema):
    """One row per planned step: service × criterion × level, reached at the end of a quarter."""

    volet = _volet()
    campagne = _campagne()
    service = dy.String(primary_key=True, description="Identifiant du service")
    critere = dy.String(primary_key=True, description="Code du critère")
    etape = dy.Int64(primary_key=True, min=0, description="Niveau visé, plus 1 ; 0 : non planifiable")
    niveau = dy.Int64(nullable=True, min=0, max=3, description="Niveau planifié (0 à 3)")
    trimestre = text("Trimestre à la fin duquel le niveau est atteint (2022-T3)", regex=TRIMESTRE)
    non_planifiable = dy.Bool(description="Le service ne peut pas planifier ce critère")

    @dy.rule()
    def etape_ou_non_planifiable(cls) -> pl.Expr:
        """A step has a level and a quarter; *non planifiable* has neither."""
        complete = pl.col("niveau").is_not_null() & pl.col("trimestre").is_not_null()
        return complete != pl.col("non_planifiable")


class JalonsSchema(dy.Schema):
    """One row per milestone × axis that hangs on it (× service and criterion, when a plan step does)."""

    volet = _volet()
    campagne = _campagne()
    jalon = dy.String(primary_key=True, description="Identifiant du jalon")
    libelle_jalon = dy.String(description="Jalon")
    porteur = dy.String(
        regex=r"^(national|editeur|regional)$", description="Porteur : national, editeur ou regional"
    )
    trimestre = text("Trimestre prévu (2022-T3)", regex=TRIMESTRE)
    axe = dy.String(primary_key=True, description="Code de l'axe qui en dépend")
    dependance = dy.String(regex=r"^(directe|indirecte)$", description="Dépendance : directe ou indirecte")
    service = dy.String(
        primary_key=True, description="Service dont une étape du plan en dépend ; vide : tout l'axe"
    )
    critere = dy.String(
        primary_key=True, description="Critère dont l'étape du plan en dépend ; vide : tout l'axe"
    )


class AmeliorationsSchema(dy.Schema):
    """One row per proposed improvement × axis it would help."""

    volet = _volet()
    campagne = _campagne()
    amelioration = dy.String(primary_key=True, description="Identifiant de la proposition d'amélioration")
    axe = dy.String(primary_key=True, description="Code de l'axe qu'elle améliorerait")
    critere = text("Code du critère visé ; vide : tout l'axe")
    libelle_amelioration = dy.String(description="Ce qui est proposé")
    porteur = dy.String(
        regex=r"^(national|editeur|regional)$",
        description="À qui elle s'adresse : national, editeur, regional",
    )
    propose_par = text("Qui la propose")
    propose_le = dy.Date(nullable=True, description="Date de la proposition")
    statut = dy.String(
        regex=r"^(proposee|retenue|realisee|ecartee)$",
        description="Suite donnée : proposee, retenue, realisee ou ecartee",
    )


class CampagnesSchema(dy.Schema):
    """One row per campaign."""

    volet = _volet()
    campagne = _campagne()
    version_referentiel = dy.String(description="Version du référentiel qui s'applique")
    services = dy.Int64(min=0, description="Services déclarés")
    reponses = dy.Int64(min=0, description="Réponses retenues")
    plans = dy.Int64(min=0, description="Étapes de plan retenues")
    etat = text(
        "État : en_cours pour la campagne qui se saisit, dont la date avance ; vide : close",
        regex=r"^en_cours$",
    )


_REASONS = {
    "une_reponse_et_une_seule": "il faut exactement un niveau, « non applicable » ou un service porteur",
    "etape_ou_non_planifiable": "une étape demande un niveau et un trimestre, ou bien « non planifiable »",
}


def table_of(
    name: str, title: str, description: str, schema: type[dy.Schema], unit: tuple[str, ...]
) -> Table:
    """A table of this domain."""
    return Table(
        name=f"convergence__{name}",
        title=title,
        description=description,
        schema=schema,
        source="convergence",
        licence=LICENCE,
        partition_by=unit,
        unit=unit,
        reasons=_REASONS,
    )


PAR_VERSION = ("volet", "version")
_CAMPAGNE = ("volet", "campagne")

REFERENTIEL = table_of(
    "referentiel",
    "Référentiel de maturité",
    "Questionnaires, axes et critères, avec niveau attendu à une date et poids.",
    ReferentielSchema,
    PAR_VERSION,
)
NIVEAUX = table_of(
    "niveaux", "Niveaux des critères", "Les niveaux de chaque critère.", NiveauxSchema, PAR_VERSION
)
VERSIONS = table_of(
    "versions",
    "Versions du référentiel",
    "Une ligne par version publiée, avec l'empreinte de son contenu.",
    VersionsSchema,
    PAR_VERSION,
)
SERVICES = table_of(
    "services", "Services et produits", "Une ligne par service évalué.", ServicesSchema, _CAMPAGNE
)
SOLUTIONS = table_of(
    "solutions", "Solutions", "Une ligne par service × éditeur × solution.", SolutionsSchema, _CAMPAGNE
)
PRELIMINAIRES = table_of(
    "preliminaires",
    "Questions préliminaires",
    "Les réponses qui montrent ou cachent des critères.",
    PreliminairesSchema,
    _CAMPAGNE,
)
JALONS = table_of("jalons", "Jalons", "Les jalons et ce qui en dépend, axe par axe.", JalonsSchema, _CAMPAGNE)
AMELIORATIONS = table_of(
    "ameliorations",
    "Améliorations proposées",
    "Ce que les régions et les éditeurs proposent d'améliorer, axe par axe.",
    AmeliorationsSchema,
    _CAMPAGNE,
)
PLANS = table_of(
    "plans", "Plans de convergence", "Une ligne par étape : un niveau, un trimestre.", PlansSchema, _CAMPAGNE
)
REPONSES = table_of(
    "reponses", "Réponses", "Une ligne par service × critère auquel il répond.", ReponsesSchema, _CAMPAGNE
)
CAMPAGNES = table_of(
    "campagnes", "Campagnes", "Une ligne par campagne publiée, avec ses comptes.", CampagnesSchema, _CAMPAGNE
)

TABLES = (
    REFERENTIEL,
    NIVEAUX,
    VERSIONS,
    SERVICES,
    SOLUTIONS,
    PRELIMINAIRES,
    JALONS,
    AMELIORATIONS,
    PLANS,
    REPONSES,
    CAMPAGNES,
)
