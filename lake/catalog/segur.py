"""Contracts of the Ségur indicators: catalogue, monthly rows, their totals, coverage, revisions, targets.

No open layout is published for these figures: the long monthly table is the project's own contract. What
an indicator means and how it may be combined is data too (``segur__indicateurs``): a packaged catalogue, to
which an operator adds lines by a file, without code. The catalogue names its sources (ANS, CNAM, ASP…).
"""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path

import dataframely as dy
import polars as pl

from lake.contract import Table, text

LICENCE = "Données de pilotage transmises par leurs producteurs"
SERVICES = {
    "PSC": "Pro Santé Connect",
    "INSI": "Identité nationale de santé",
    "DMP": "Dossier médical partagé",
    "MSS": "Messageries sécurisées de santé",
    "CERTIFICATS": "Certificats logiciels",
    "CARTES": "Cartes de la famille CPS",
    "ASP": "Financement des logiciels Ségur",
    "SECURITE": "Sécurité numérique",
}
TYPES_ACTEUR = {
    "ES": "Établissements sanitaires",
    "EMS": "Établissements médico-sociaux",
    "LABO": "Laboratoires de biologie médicale",
    "officine": "Officines",
    "PS libéral": "Professionnels libéraux",
    "radiologie": "Cabinets de radiologie",
    "centre de santé": "Centres de santé",
}
COMBINAISONS = {
    "flux": "s'additionne dans le temps et entre territoires",
    "stock": "s'additionne entre territoires, prend le dernier mois de la période",
    "distinct": "ne s'additionne jamais",
    "ratio": "rapport de deux sommes, recalculé à chaque maille",
}
"""How an indicator may be combined: the catalogue's words, with their meaning."""

DIMENSIONS = ("code_region", "code_departement", "type_acteur", "profession", "editeur", "structure")
"""What a monthly row may be broken down by; null where a dimension does not apply."""

KEY = ("mois", "indicateur", *DIMENSIONS)
VALEUR_MAX = 10**12
"""Above, a value is an error of input (and sums would leave 64 bits)."""

CODE = r"^[a-z][a-z0-9_]{1,60}$"
FINESS = r"^[0-9][0-9A-J][0-9]{7}$"  # 2A and 2B in Corsica, 9A to 9J overseas
_REGION = r"^[0-9]{2,3}$"
_DEPARTEMENT = r"^(2[AB]|[0-9]{2,3})$"
_SERVICE = rf"^({'|'.join(SERVICES)})$"
_COMBINAISON = rf"^({'|'.join(COMBINAISONS)})$"


def _month(description: str, *, nullable: bool = False) -> dy.Date:
    """A month, written by its first day."""
    return dy.Date(nullable=nullable, resolution="1mo", description=description)


class IndicateursSchema(dy.Schema):
    """One row per indicator: what it counts and how it may be combined."""

    code = dy.String(primary_key=True, regex=CODE, description="Code de l'indicateur, nom de la mesure")
    libelle = dy.String(min_length=2, description="Libellé")
    service = dy.String(regex=_SERVICE, description="Service : " + ", ".join(SERVICES))
    unite = text("Unité, au pluriel ; vide pour un rapport")
    combinaison = dy.String(
        regex=_COMBINAISON,
        description="Combinaison : "
        + " ; ".join(f"{word} ({meaning})" for word, meaning in COMBINAISONS.items()),
    )
    numerateur = text("Pour un rapport : code de l'indicateur du dessus")
    denominateur = text("Pour un rapport : code de l'indicateur du dessous")
    compte = text(
        "Pour un compte distinct : la colonne qui identifie ce qui est compté (structure) ; vide si les "
        "valeurs sont livrées déjà comptées",
        regex=r"^structure$",
    )
    definition = dy.String(min_length=2, description="Définition, en une phrase")
    ne_mesure_pas = text("Ce que l'indicateur ne mesure pas, en une phrase")
    source = text("Producteur de la donnée")
    mois_debut = _month("Premier mois couvert", nullable=True)
    mois_fin = _month("Dernier mois couvert ; vide tant que l'indicateur est produit", nullable=True)
    axes = text(
        "Dimensions que la source renseigne, outre le mois et le service, séparées par | ; vide : toutes",
        regex=r"^(region|departement|type_acteur|profession|editeur|structure)"
        r"(\|(region|departement|type_acteur|profession|editeur|structure))*$",
    )

    @dy.rule()
    def termes_du_rapport(cls) -> pl.Expr:
        """A ratio names its two terms; another kind names none."""
        ratio = pl.col("combinaison") == "ratio"
        both = pl.col("numerateur").is_not_null() & pl.col("denominateur").is_not_null()
        none = pl.col("numerateur").is_null() & pl.col("denominateur").is_null()
        return (ratio & both) | (~ratio & none)

    @dy.rule()
    def compte_du_distinct(cls) -> pl.Expr:
        """Only a distinct count names what it counts."""
        return pl.col("compte").is_null() | (pl.col("combinaison") == "distinct")

    @dy.rule()
    def periode_ordonnee(cls) -> pl.Expr:
        """The last month covered is not before the first."""
        return pl.col("mois_fin") >= pl.col("mois_debut")


class MesuresSchema(dy.Schema):
    """One row per month × indicator × dimensions that apply: rows of one month are parts that add up."""

    mois = _month("Mois, par son premier jour")
    service = dy.String(regex=_SERVICE, description="Service")
    indicateur = dy.String(regex=CODE, description="Code de l'indicateur")
    code_region = text("Code INSEE de la région ; vide si non réparti", regex=_REGION)
    code_departement = text("Code du département ; vide si la région ne l'a pas réparti", regex=_DEPARTEMENT)
    type_acteur = text("Type d'acteur : " + ", ".join(TYPES_ACTEUR))
    profession = text("Code de la profession", regex=r"^[0-9A-Z]{1,4}$")
    editeur = text("Éditeur du logiciel")
    structure = text("Numéro FINESS de la structure", regex=FINESS)
    valeur = dy.Int64(min=0, max=VALEUR_MAX, description="Valeur, dans l'unité de l'indicateur")

    @dy.rule()
    def ligne_unique(cls) -> pl.Expr:
        """A month says one value for the same indicator and dimensions."""
        return pl.struct(KEY).is_unique()


class StructuresSchema(dy.Schema):
    """One row per structure that the monthly rows may name."""

    structure = dy.String(primary_key=True, regex=FINESS, description="Numéro FINESS de la structure")
    nom = dy.String(min_length=1, description="Nom de la structure")
    type_acteur = text("Type d'acteur")
    code_departement = dy.String(regex=_DEPARTEMENT, description="Code du département")


class ProfessionsSchema(dy.Schema):
    """One row per profession of the directory."""

    code_profession = dy.String(
        primary_key=True, regex=r"^[0-9A-Z]{1,4}$", description="Code de la profession"
    )
    profession = dy.String(min_length=1, description="Libellé de la profession")


class CumulsTerritoiresSchema(dy.Schema):
    """One row per month × indicator × territory × actor type × profession, editors and structures summed."""

    mois = _month("Mois, par son premier jour")
    service = dy.String(regex=_SERVICE, description="Service")
    indicateur = dy.String(regex=CODE, description="Code de l'indicateur")
    code_region = text("Code INSEE de la région")
    code_departement = text("Code du département")
    type_acteur = text("Type d'acteur")
    profession = text("Code de la profession")
    valeur = dy.Int64(description="Somme des valeurs")
    structures = dy.Int64(description="Structures distinctes dont une valeur est positive")
    lignes = dy.Int64(min=1, description="Lignes du mois ainsi cumulées")


class CumulsEditeursSchema(dy.Schema):
    """The same sums, by editor as well."""

    mois = _month("Mois, par son premier jour")
    service = dy.String(regex=_SERVICE, description="Service")
    indicateur = dy.String(regex=CODE, description="Code de l'indicateur")
    code_region = text("Code INSEE de la région")
    code_departement = text("Code du département")
    type_acteur = text("Type d'acteur")
    profession = text("Code de la profession")
    editeur = text("Éditeur du logiciel")
    valeur = dy.Int64(description="Somme des valeurs")
    lignes = dy.Int64(min=1, description="Lignes du mois ainsi cumulées")


class CouvertureSchema(dy.Schema):
    """One row per delivered month × counted indicator: what is there, what is missing."""

    mois = dy.Date(primary_key=True, resolution="1mo", description="Mois, par son premier jour")
    indicateur = dy.String(primary_key=True, description="Code de l'indicateur")
    statut = dy.String(
        regex=r"^(complet|incomplet|absent)$",
        description="Statut : complet, incomplet (lignes rejetées ou région manquante) ou absent",
    )
    lignes = dy.Int64(min=0, description="Lignes publiées")
    rejetees = dy.Int64(min=0, description="Lignes rejetées de ce mois et de cet indicateur")
    regions = dy.Int64(min=0, description="Régions présentes")
    regions_manquantes = text("Codes des régions présentes le mois précédent et absentes, séparés par |")
    livre_le = dy.Datetime(description="Livraison (UTC)", time_unit="us", time_zone="UTC")


class RestatementsSchema(dy.Schema):
    """One row per published figure that a later delivery revised."""

    revise_le = dy.Datetime(description="Livraison qui a révisé (UTC)", time_unit="us", time_zone="UTC")
    livraison = dy.String(description="Empreinte SHA-256 de la livraison")
    mois = _month("Mois révisé, par son premier jour")
    indicateur = dy.String(description="Code de l'indicateur")
    code_region = text("Code INSEE de la région ; vide si non réparti")
    code_departement = text("Code du département ; vide si la région ne l'a pas réparti")
    valeur_avant = dy.Int64(nullable=True, description="Valeur publiée avant ; vide si absente")
    valeur_apres = dy.Int64(nullable=True, description="Valeur publiée après ; vide si retirée")
    ecart = dy.Int64(description="Après moins avant, une valeur absente comptant pour zéro")


class ObjectifsSchema(dy.Schema):
    """One row per target: an indicator, a territory, a value to reach by a month."""

    indicateur = dy.String(primary_key=True, regex=CODE, description="Code de l'indicateur")
    maille = dy.String(
        primary_key=True,
        regex=r"^(france|region|departement)$",
        description="Maille : france, region ou departement",
    )
    code_territoire = dy.String(primary_key=True, description="Code du territoire ; FR pour la France")
    mois_cible = dy.Date(
        primary_key=True, resolution="1mo", description="Mois où la cible doit être atteinte"
    )
    cible = dy.Float64(
        min=0, description="Valeur à atteindre ; un taux de 0 à 1 pour un rapport, sinon dans l'unité"
    )


def _table(
    name: str,
    title: str,
    description: str,
    schema: type[dy.Schema],
    *,
    partition_by: tuple[str, ...] = (),
    unit: tuple[str, ...] = (),
    sort_by: tuple[str, ...] = (),
    freshness: timedelta | None = None,
) -> Table:
    return Table(
        name=f"segur__{name}",
        title=title,
        description=description,
        schema=schema,
        source="segur",
        licence=LICENCE,
        partition_by=partition_by,
        unit=unit,
        sort_by=sort_by,
        freshness=freshness,
        reasons={
            "termes_du_rapport": "un rapport nomme ses deux termes, un autre indicateur aucun",
            "compte_du_distinct": "seul un compte distinct nomme ce qu'il compte",
            "periode_ordonnee": "le dernier mois couvert précède le premier",
            "ligne_unique": "ligne livrée deux fois",
            "service|regex": "service inconnu",
            "combinaison|regex": "combinaison inconnue (" + ", ".join(COMBINAISONS) + ")",
            **{
                f"{column}|resolution": "un mois s'écrit par son premier jour"
                for column in ("mois", "mois_debut", "mois_fin", "mois_cible")
            },
            "code|regex": "code d'indicateur de forme inattendue (minuscules, chiffres et _)",
        },
    )


INDICATEURS = _table(
    "indicateurs",
    "Catalogue des indicateurs Ségur",
    "Une ligne par indicateur.",
    IndicateursSchema,
)
PROFESSIONS = _table("professions", "Professions", "Une ligne par profession.", ProfessionsSchema)
STRUCTURES = _table(
    "structures",
    "Structures",
    "Une ligne par structure nommée (FINESS).",
    StructuresSchema,
)
OBJECTIFS = _table(
    "objectifs",
    "Objectifs Ségur",
    "Une ligne par cible : indicateur, territoire, mois.",
    ObjectifsSchema,
)
RESTATEMENTS = _table(
    "restatements",
    "Révisions des chiffres publiés",
    "Une ligne par chiffre publié qu'une livraison ultérieure a révisé.",
    RestatementsSchema,
)
COUVERTURE = _table(
    "couverture",
    "Couverture des indicateurs, mois par mois",
    "Une ligne par mois livré × indicateur : complet, incomplet ou absent.",
    CouvertureSchema,
    partition_by=("mois",),
    unit=("mois",),
)
CUMULS_TERRITOIRES = _table(
    "cumuls_territoires",
    "Cumuls mensuels par territoire",
    "Une ligne par mois × indicateur × territoire × type d'acteur × profession.",
    CumulsTerritoiresSchema,
    partition_by=("mois",),
    unit=("mois",),
    sort_by=("service", "indicateur", "code_region", "code_departement"),
)
CUMULS_EDITEURS = _table(
    "cumuls_editeurs",
    "Cumuls mensuels par territoire et éditeur",
    "Une ligne par mois × indicateur × territoire × type d'acteur × profession × éditeur.",
    CumulsEditeursSchema,
    partition_by=("mois",),
    unit=("mois",),
    sort_by=("service", "indicateur", "code_region", "code_departement"),
)
MESURES = _table(
    "mesures",
    "Mesures Ségur",
    "Une ligne par mois × indicateur × dimensions qui s'appliquent, telle que livrée.",
    MesuresSchema,
    # One file a month: a service is found by its order in the file, not by a folder of its own.
    partition_by=("mois",),
    unit=("mois",),
    sort_by=("service", "indicateur", "code_departement", "structure"),
    freshness=timedelta(days=62),
)

TABLES = (
    INDICATEURS,
    PROFESSIONS,
    STRUCTURES,
    OBJECTIFS,
    RESTATEMENTS,
    COUVERTURE,
    CUMULS_EDITEURS,
    CUMULS_TERRITOIRES,
    MESURES,
)


@cache
def indicateurs_de_base() -> pl.DataFrame:
    """The packaged catalogue of indicators.

    Returns:
        DataFrame: the columns of ``segur__indicateurs``, in the order of the pages.
    """
    return lire_indicateurs(_packaged("segur_indicateurs.csv")).select(INDICATEURS.columns)


@cache
def professions_de_base() -> pl.DataFrame:
    """The packaged list of professions (codes of the ANS nomenclature).

    Returns:
        DataFrame: ``code_profession``, ``profession`` (String).
    """
    return _packaged("segur_professions.csv")


def lire_indicateurs(rows: pl.DataFrame) -> pl.DataFrame:
    """Type the text columns of a catalogue: empty is null, months are ``AAAA-MM`` or a first day.

    A month that cannot be read is left null when it is empty only: any other text becomes an impossible one,
    which the contract refuses.

    Args:
        rows: every column of the catalogue, as text.
    """
    month = [
        pl.coalesce(
            pl.col(name).str.to_date("%Y-%m-%d", strict=False),
            pl.concat_str(pl.col(name), pl.lit("-01")).str.to_date("%Y-%m-%d", strict=False),
            # The second day of a month breaks the contract's resolution: the line is rejected, not emptied.
            pl.when(pl.col(name).is_not_null()).then(pl.date(1900, 1, 2)),
        ).alias(name)
        for name in ("mois_debut", "mois_fin")
    ]
    blank = pl.col(pl.String).str.strip_chars().replace("", None)
    return rows.with_columns(blank).with_columns(month)


def _packaged(name: str) -> pl.DataFrame:
    return pl.read_csv(Path(__file__).parent / name, separator=";", infer_schema=False)
