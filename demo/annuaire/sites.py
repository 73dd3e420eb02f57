"""The sites where the demo's persons practise: how many of each kind, where, under what name."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from demo.annuaire import identifiants as identifiants
from demo.annuaire.adresses import ADDRESS_COLUMNS, REASONS, findable, lost
from demo.annuaire.ailleurs import elsewhere
from demo.annuaire.carnet import Carnet
from demo.ban.voies import capitales
from ingest.sources.annuaire.nomenclature import SECTEURS

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SITE_COLUMNS = (
    "siret_site",
    "siren_site",
    "finess_site",
    "finess_etablissement_juridique",
    "identifiant_structure",
    "raison_sociale_site",
    "enseigne_commerciale_site",
    *ADDRESS_COLUMNS,
    "telephone",
    "telephone_2",
    "telecopie",
    "email",
    "code_departement",
    "libelle_departement",
    "ancien_identifiant_structure",
    "code_secteur_activite",
    "libelle_secteur_activite",
)
"""Columns of the official file that describe the site."""


@dataclass(frozen=True)
class Kind:
    """A kind of site.

    Attributes:
        key: short name.
        secteurs: sector codes, drawn evenly.
        nombre: sites in the full demo; 0 when sites come with their only person.
        population_min: smallest population of a commune that may have one.
        exponent: how the number of sites grows with population.
        dispersion: spread (log-normal sigma) of the sites' sizes.
        noms: beginnings of the company name.
        finess: whether such sites have a FINESS number.
        cedex: probability of a CEDEX address where the commune has a CEDEX office.
    """

    key: str
    secteurs: tuple[str, ...]
    nombre: int
    population_min: int
    exponent: float
    dispersion: float
    noms: tuple[str, ...]
    finess: bool = False
    cedex: float = 0.03


KINDS: tuple[Kind, ...] = (
    Kind(
        "hopital", ("SA01",), 130, 7_000, 0.8, 1.1, ("CENTRE HOSPITALIER", "HOPITAL", "CHR SITE"), True, 0.55
    ),
    Kind("clinique", ("SA03", "SA04"), 75, 12_000, 0.9, 0.8, ("CLINIQUE", "POLYCLINIQUE"), True, 0.35),
    Kind("ehpad", ("SA17",), 620, 1_200, 0.8, 0.6, ("EHPAD", "RESIDENCE"), True, 0.1),
    Kind("handicap", ("SA16",), 240, 2_500, 0.8, 0.6, ("IME", "FOYER", "MAS", "CAMSP"), True, 0.1),
    Kind("centre", ("SA05",), 150, 4_000, 0.9, 0.7, ("CENTRE DE SANTE",), True),
    Kind("msp", ("SA52",), 260, 900, 0.45, 0.5, ("MAISON DE SANTE", "POLE DE SANTE"), True),
    Kind("groupe", ("SA08",), 6_400, 900, 1.05, 0.6, ("CABINET MEDICAL", "CABINET", "SCM", "ESPACE SANTE")),
    Kind("societe", ("SA09",), 1_100, 4_000, 1.05, 0.6, ("SELARL", "SELAS", "SCP")),
    Kind("individuel", ("SA07",), 0, 500, 1.0, 0.0, ("CABINET",)),
    Kind("officine", ("SA33",), 1_520, 1_000, 0.95, 0.4, ("PHARMACIE",), True),
    Kind("laboratoire", ("SA25",), 290, 5_000, 0.95, 0.6, ("LABORATOIRE",), True),
    Kind("appareillage", ("SA42",), 900, 3_500, 1.0, 0.4, ("OPTIQUE", "AUDITION", "ORTHOPEDIE")),
    Kind(
        "prevention",
        ("SA66", "SA14", "SA15", "SA27", "SA13", "SA24"),
        320,
        8_000,
        1.0,
        0.8,
        ("SERVICE DE SANTE", "SERVICE DE PREVENTION"),
        False,
        0.3,
    ),
    Kind("armees", ("SA02",), 8, 20_000, 1.0, 0.4, ("ANTENNE MEDICALE",), True, 0.5),
    Kind("industrie", ("SA31",), 40, 15_000, 1.0, 0.6, ("DISTRIBUTION PHARMACEUTIQUE",), False, 0.2),
)
KIND: dict[str, int] = {kind.key: index for index, kind in enumerate(KINDS)}

# How well each department is provided, relative to its population (university hospitals in 54, 51 and 67).
DENSITY = {"54": 1.2, "67": 1.12, "51": 1.12, "57": 0.95, "10": 0.93, "68": 0.92, "88": 0.9, "08": 0.86}
DENSITY |= {"52": 0.88, "55": 0.84}
# How likely a second activity is in one site of each kind, relative to a group practice.
SECOND = {"hopital": 30.0, "clinique": 20.0, "ehpad": 4.0, "handicap": 3.0, "centre": 4.0, "msp": 3.0}
SECOND |= {"groupe": 1.0, "prevention": 3.0}


@dataclass
class Sites:
    """The sites being gathered; each batch gets consecutive numbers.

    Attributes:
        lots: frames of :data:`SITE_COLUMNS` plus the truth: ``kind`` (Int64), ``c`` (row in the carnet's
            communes, -1 when outside or nowhere), ``region`` (Boolean), ``localise`` (Boolean), ``motif``
            (String or null), ``vrai_code`` (true commune code, null if unknown), ``siren_epci``.
        total: number of sites so far.
    """

    carnet: Carnet
    shift: int
    lots: list[pl.DataFrame] = field(default_factory=list)
    total: int = 0

    def add(self, frame: pl.DataFrame) -> Ints:
        """Append a batch and return its site numbers."""
        numbers = np.arange(self.total, self.total + frame.height)
        self.lots.append(frame)
        self.total += frame.height
        return numbers

    def frame(self) -> pl.DataFrame:
        """All sites, in the order of their numbers."""
        return pl.concat(self.lots, how="vertical_relaxed")

    def located(self, rng: np.random.Generator, where: Ints, kinds: Ints) -> Ints:
        """Add findable sites in given communes."""
        share = np.array([kind.cedex for kind in KINDS])[kinds]
        frame = findable(rng, self.carnet, where, share)
        return self.add(self._describe(rng, frame, where, kinds, np.full(where.size, -1)))

    def unlocated(self, rng: np.random.Generator, where: Ints, kinds: Ints, reasons: Ints) -> Ints:
        """Add sites that cannot be located (``reasons``: index in :data:`REASONS`)."""
        frame = lost(rng, self.carnet, where, reasons)
        return self.add(self._describe(rng, frame, where, kinds, reasons))

    def outside(self, rng: np.random.Generator, size: int) -> Ints:
        """Add sites outside the region."""
        frame = elsewhere(rng, size)
        kinds = rng.choice([KIND["hopital"], KIND["groupe"], KIND["individuel"], KIND["officine"]], size)
        return self.add(self._describe(rng, frame, np.full(size, -1), kinds, np.full(size, -1)))

    def nowhere(self) -> int:
        """Add the site without any location."""
        row = pl.DataFrame({name: [""] for name in SITE_COLUMNS})
        truth = row.with_columns(
            kind=pl.lit(-1, pl.Int64),
            c=pl.lit(-1, pl.Int64),
            region=pl.lit(False),
            localise=pl.lit(False),
            motif=pl.lit(None, pl.String),
            vrai_code=pl.lit(None, pl.String),
            siren_epci=pl.lit(None, pl.String),
        )
        return int(self.add(truth)[0])

    def _describe(
        self, rng: np.random.Generator, frame: pl.DataFrame, where: Ints, kinds: Ints, reasons: Ints
    ) -> pl.DataFrame:
        """Add names, identifiers, contacts and truth to addresses."""
        size = frame.height
        ranks = np.arange(self.total, self.total + size)
        in_region = where >= 0
        unknown = reasons == REASONS.index("commune_inconnue")
        if in_region.all() and size:
            owner = self.carnet.communes[where].select(
                "code_commune", "commune", "code_departement", "siren_epci"
            )
        else:
            owner = pl.DataFrame(
                {"code_commune": [None] * size, "commune": [""] * size, "code_departement": ["99"] * size}
                | {"siren_epci": [None] * size},
                schema=dict.fromkeys(
                    ("code_commune", "commune", "code_departement", "siren_epci"), pl.String
                ),
            )
        siren = identifiants.siren(ranks, self.shift)
        siret = identifiants.siret(siren)
        finess = identifiants.finess(owner["code_departement"], ranks, self.shift)
        legal = identifiants.finess(owner["code_departement"], ranks + 50_000, self.shift)
        draws = rng.random((6, size))
        names = [
            KINDS[kind].noms[int(draw * len(KINDS[kind].noms))]
            for kind, draw in zip(kinds, draws[0], strict=True)
        ]
        sectors = [
            KINDS[kind].secteurs[int(draw * len(KINDS[kind].secteurs))]
            for kind, draw in zip(kinds, draws[1], strict=True)
        ]
        has_finess = np.array([kind.finess for kind in KINDS])[kinds]
        phone = identifiants.telephone(ranks)
        fax = identifiants.telephone(ranks + 1, 261_91)
        frame = pl.concat(
            [frame, owner.rename({"code_commune": "_code", "commune": "_commune"})], how="horizontal"
        )
        frame = frame.with_columns(
            siren.alias("_siren"),
            siret.alias("_siret"),
            finess.alias("_finess"),
            legal.alias("_ej"),
            pl.Series("_nom", names, dtype=pl.String),
            pl.Series("code_secteur_activite", sectors, dtype=pl.String),
            pl.Series("_a_finess", has_finess),
            phone.alias("_tel"),
            fax.alias("_fax"),
            pl.Series("_rang", ranks),
            *[pl.Series(f"_u{i}", draws[i]) for i in range(2, 6)],
            pl.Series("kind", kinds),
            pl.Series("c", where),
            pl.Series("region", in_region),
            pl.Series("localise", in_region & (reasons < 0)),
            pl.Series("motif", [REASONS[r] if r >= 0 else None for r in reasons], dtype=pl.String),
            pl.Series("_inconnue", unknown),
        )
        empty = pl.lit("")
        institution = pl.col("kind").is_in([KIND[k] for k in ("hopital", "clinique", "armees", "industrie")])
        town = capitales(pl.col("_commune"))
        with_finess = pl.col("_a_finess")
        structure = (
            pl.when(with_finess)
            .then(pl.lit("F") + pl.col("_finess"))
            .otherwise(pl.lit("R") + (100_000_000 + pl.col("_rang")).cast(pl.String))
        )
        shop_sign = (
            pl.when(pl.col("_u2") < 0.004)
            .then(pl.lit('"') + pl.col("nom_rue") + pl.lit('"'))
            .when(pl.col("_u2") < 0.008)
            .then(pl.lit("BAT A\\") + pl.col("nom_rue"))
            .when(pl.col("_u2") < 0.15)
            .then("_nom")
            .otherwise(empty)
        )
        return frame.with_columns(
            siret_site=pl.when((pl.col("_u3") < 0.45) | institution).then("_siret").otherwise(empty),
            siren_site=pl.when(pl.col("_u3") < 0.25).then("_siren").otherwise(empty),
            finess_site=pl.when(with_finess).then("_finess").otherwise(empty),
            finess_etablissement_juridique=pl.when(with_finess & (pl.col("_u4") < 0.9))
            .then("_ej")
            .otherwise(empty),
            identifiant_structure=structure,
            raison_sociale_site=pl.concat_str(
                "_nom",
                pl.lit(" "),
                pl.when(institution & (pl.col("_u2") < 0.6)).then(town).otherwise("nom_rue"),
            ).str.strip_chars(" "),
            enseigne_commerciale_site=shop_sign,
            telephone=pl.when(pl.col("_u4") < 0.62).then("_tel").otherwise(empty),
            telephone_2=pl.when(pl.col("_u5") < 0.04).then("_fax").otherwise(empty),
            telecopie=pl.when(pl.col("_u4") < 0.2).then("_fax").otherwise(empty),
            email=pl.when(pl.col("_u5") > 0.72)
            .then(pl.lit("contact@site-") + pl.col("_rang").cast(pl.String) + pl.lit(".example"))
            .otherwise(empty),
            code_departement=empty,
            libelle_departement=empty,
            ancien_identifiant_structure=pl.when(with_finess)
            .then(pl.lit("1") + pl.col("_finess"))
            .otherwise(pl.lit("3") + pl.col("_siret")),
            libelle_secteur_activite=pl.col("code_secteur_activite").replace_strict(
                SECTEURS, return_dtype=pl.String
            ),
            vrai_code=pl.when(~pl.col("_inconnue")).then("_code"),
            siren_epci=pl.when(~pl.col("_inconnue")).then("siren_epci"),
        ).select(*SITE_COLUMNS, "kind", "c", "region", "localise", "motif", "vrai_code", "siren_epci")


def commune_weights(rng: np.random.Generator, carnet: Carnet) -> Floats:
    """How attractive each department is, so that densities differ from place to place (mean about 1)."""
    departements = carnet.communes["code_departement"].unique().sort()
    draw = np.exp(rng.normal(0.0, 0.15, len(departements)))
    position = departements.search_sorted(carnet.communes["code_departement"]).to_numpy()
    return np.asarray(draw[position] * np.exp(rng.normal(0.0, 0.2, carnet.communes.height)))


def weights_of(kind: Kind, population: Floats, attraction: Floats) -> Floats:
    """Probability weight of each commune for a kind of site (never all zero)."""
    allowed = population >= min(kind.population_min, float(np.quantile(population, 0.98)))
    return np.where(allowed, np.maximum(population, 1.0) ** kind.exponent * attraction, 0.0)


class Draw:
    """Weighted draws among numbered items, over the whole or within a group (department)."""

    def __init__(self, items: Ints, groups: Ints, weights: Floats, group_count: int) -> None:
        order = np.argsort(groups, kind="stable")
        self._items = items[order]
        self._cumulated = np.concatenate([[0.0], np.cumsum(weights[order])])
        self._bounds = np.searchsorted(groups[order], np.arange(group_count + 1))

    def anywhere(self, rng: np.random.Generator, size: int) -> Ints:
        """Draw over the whole."""
        return self._at(rng.random(size) * self._cumulated[-1])

    def within(self, rng: np.random.Generator, groups: Ints) -> Ints:
        """Draw one item in each given group; over the whole where the group has none."""
        low, high = self._cumulated[self._bounds[groups]], self._cumulated[self._bounds[groups + 1]]
        u = rng.random(groups.size)
        empty = high <= low
        return self._at(np.where(empty, u * self._cumulated[-1], low + u * (high - low)))

    def _at(self, points: Floats) -> Ints:
        position = np.searchsorted(self._cumulated, points, side="right") - 1
        return np.asarray(self._items[np.clip(position, 0, self._items.size - 1)])
