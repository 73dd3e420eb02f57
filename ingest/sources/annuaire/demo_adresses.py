"""Addresses of the demo's sites, written as registers write them.

A *findable* address is taken from a row of the demo address base and damaged only in ways that a normalising geocoder
repairs (abbreviations, case, street wholly in one field, CEDEX, lost zero, missing or former commune code). A *lost*
address has no street, or a street that no commune of the demo has and that resembles none, or no commune that can be
told.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from ingest.sources.ban.demo import BanDemo
from ingest.sources.ban.demo_voies import TYPES, capitales
from lake.errors import ContractError

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

ADDRESS_COLUMNS = (
    "complement_destinataire",
    "complement_point_geographique",
    "numero_voie",
    "indice_repetition_voie",
    "code_type_voie",
    "libelle_type_voie",
    "libelle_voie",
    "mention_distribution",
    "bureau_cedex",
    "code_postal",
    "code_commune",
    "libelle_commune",
    "code_pays",
    "libelle_pays",
)

# Words of titles that registers abbreviate.
_ABBREVIATIONS = {
    " GENERAL ": " GAL ",
    " MARECHAL ": " MAL ",
    " COMMANDANT ": " CDT ",
    " CAPITAINE ": " CNE ",
    " COLONEL ": " COL ",
    " LIEUTENANT ": " LT ",
    " DOCTEUR ": " DR ",
    " PROFESSEUR ": " PR ",
    " PRESIDENT ": " PDT ",
    " SAINT ": " ST ",
    " SAINTE ": " STE ",
}

# Streets of nowhere: invented from Breton, Basque and Polish sounds, far from any name of the catalogue.
_NOWHERE = (
    "KERZHOUARNEG;XURRUMENDI;WOJTKOWIAKOW;LOKMIKAELIZH;ETXEGOIENBERRI;PLOUGOUZHERN;SZCZYGLOWEK;BIDARTZEKOA;"
    "KASTELLOUROP;URRUTXIPIETA;KROAZHENTOU;GRZYBOWINSK;MENEZHIRGWENN;ITZULPEZARRA;PORZHGWIDEL;ZWIERZYNSKY;"
    "TREOUERGADEG;OIHANZABALGO;LANNGWENOLE;PRZEMYSLOWKA"
)
NOWHERE: tuple[str, ...] = tuple(_NOWHERE.split(";"))
"""Names of the streets that cannot be found."""

REASONS = ("adresse_absente", "introuvable", "commune_inconnue")

# Population from which a commune has a CEDEX office.
_CEDEX_POPULATION = 8_000


@dataclass(frozen=True)
class Carnet:
    """The communes where the demo may place a site, and their findable addresses.

    Attributes:
        communes: one row per commune with at least one findable address: ``code_commune``, ``commune``,
            ``code_departement``, ``siren_epci``, ``population``, ``cedex`` (CEDEX postal code, or null), ``ancien_code`` and
            ``ancien_nom`` (a former commune, or null), ``sans_code`` (Boolean: postal code and label are enough to tell it),
            ``nom_unique`` (Boolean: its name is unique in its department).
        adresses: findable numbered addresses, sorted by commune.
        lieux_dits: findable places without number, sorted by commune.
        premier, nombre: range of each commune in ``adresses``.
        premier_lieu, nombre_lieux: range of each commune in ``lieux_dits``.
        codes_ambigus: postal codes that several communes share, by department.
    """

    communes: pl.DataFrame
    adresses: pl.DataFrame
    lieux_dits: pl.DataFrame
    premier: Ints
    nombre: Ints
    premier_lieu: Ints
    nombre_lieux: Ints
    codes_ambigus: pl.DataFrame


def open_carnet(communes: pl.DataFrame, codes_postaux: pl.DataFrame, fusions: pl.DataFrame, ban: BanDemo) -> Carnet:
    """Gather what is needed to write addresses.

    Raises:
        ContractError: no commune given has an address in the demo base.
    """
    rows = (
        ban.adresses.filter(pl.col("repetition").is_in(["", "bis", "ter"]))
        .join(ban.rues, on="rue", how="left")
        .sort("code_commune", "rue", "numero", "repetition")
    )
    known = (
        communes.join(rows.filter(~pl.col("lieu_dit")), on="code_commune", how="semi")
        .select(
            "code_commune", "commune", "code_departement", "siren_epci", pl.col("population").fill_null(0).cast(pl.Int64)
        )
        .sort("code_commune")
        .with_row_index("c")
        .with_columns(pl.col("c").cast(pl.Int64), _cle=_label_key(pl.col("commune")))
    )
    if known.is_empty():
        raise ContractError(
            "Démonstration de l'annuaire : aucune des communes n'a d'adresse dans la base adresse.",
            conseil="Générez d'abord la base adresse avec les mêmes communes.",
        )
    former = fusions.group_by("code_commune").agg(
        pl.col("ancien_code_commune").sort().first().alias("ancien_code"),
        pl.col("ancienne_commune").sort_by("ancien_code_commune").first().alias("ancien_nom"),
    )
    shared = codes_postaux.join(known.select("code_commune", "_cle", "code_departement"), on="code_commune", how="inner")
    homonyms = shared.group_by("code_postal", "_cle").agg(_n=pl.col("code_commune").n_unique())
    # Postal code and label settle a commune when the code is of its department and no neighbour bears its name.
    doubtful = shared.join(homonyms, on=["code_postal", "_cle"]).group_by("code_commune").agg(
        _doute=((pl.col("_n") > 1) | (pl.col("code_postal").str.slice(0, 2) != pl.col("code_departement"))).any()
    )
    known = (
        known.join(former, on="code_commune", how="left", maintain_order="left")
        .join(doubtful, on="code_commune", how="left", maintain_order="left")
        .with_columns(
            sans_code=~pl.col("_doute").fill_null(True),
            nom_unique=pl.len().over("code_departement", "_cle") == 1,
        )
    )
    known = known.with_columns(cedex=_cedex_codes(known, codes_postaux)).drop("_cle", "_doute")
    rows = rows.join(known.select("code_commune", "c"), on="code_commune", how="inner", maintain_order="left")
    numbered, places = rows.filter(~pl.col("lieu_dit")), rows.filter("lieu_dit")
    first, count = _ranges(numbered, known.height)
    first_place, count_places = _ranges(places, known.height)
    ambiguous = (
        shared.group_by("code_postal")
        .agg(pl.col("code_commune").n_unique().alias("_n"), pl.col("code_departement").n_unique().alias("_d"))
        .filter((pl.col("_n") > 1) & (pl.col("_d") == 1))
        .select("code_postal", code_departement=pl.col("code_postal").str.slice(0, 2))
        .join(known.select("code_departement"), on="code_departement", how="semi")
        .sort("code_postal")
    )
    return Carnet(known, numbered, places, first, count, first_place, count_places, ambiguous)


def _label_key(label: pl.Expr) -> pl.Expr:
    words = pl.lit(" ") + capitales(label) + pl.lit(" ")
    return words.str.replace_many({" SAINTE ": " STE ", " SAINT ": " ST "}).str.strip_chars(" ")


def _ranges(rows: pl.DataFrame, communes: int) -> tuple[Ints, Ints]:
    count = np.bincount(rows["c"].to_numpy(), minlength=communes).astype(np.int64)
    return np.concatenate([[0], np.cumsum(count)[:-1]]), count


def _cedex_codes(known: pl.DataFrame, codes_postaux: pl.DataFrame) -> pl.Series:
    """A CEDEX code for each larger commune: one that is nobody's ordinary postal code."""
    taken = set(codes_postaux["code_postal"].to_list())
    own = dict(codes_postaux.sort("code_postal", descending=True).select("code_commune", "code_postal").iter_rows())
    codes: list[str | None] = []
    for code, departement, population, unique in known.select(
        "code_commune", "code_departement", "population", _unique=pl.len().over("code_departement", "_cle") == 1
    ).iter_rows():
        postal = own.get(code, "")
        if population < _CEDEX_POPULATION or not unique or not postal.startswith(departement):
            codes.append(None)
            continue
        # The last digits go downwards from 99 as La Poste's do; the next hundreds when those are taken.
        free = next(
            candidate
            for hundred in range(int(postal[2]), int(postal[2]) + 10)
            for last in (*range(91, 100), *range(1, 91))
            if (candidate := f"{departement}{hundred % 10}{last:02d}") not in taken
        )
        taken.add(free)
        codes.append(free)
    return pl.Series(codes, dtype=pl.String)


def findable(rng: np.random.Generator, carnet: Carnet, where: Ints, cedex_share: npt.NDArray[np.float64]) -> pl.DataFrame:
    """Findable addresses, one per element of ``where``.

    Args:
        rng: random generator.
        carnet: where addresses come from.
        where: row numbers in ``carnet.communes``.
        cedex_share: probability of a CEDEX address where the commune has a CEDEX office.

    Returns:
        :data:`ADDRESS_COLUMNS` (String, empty where unsaid), and ``nom_rue`` (upper-case name of the way).
    """
    size = where.size
    pick = carnet.premier[where] + (rng.random(size) * carnet.nombre[where]).astype(np.int64)
    rows = carnet.adresses[pick]
    to_place = (rng.random(size) < 0.06) & (carnet.nombre_lieux[where] > 0)
    place = carnet.premier_lieu[where] + (rng.random(size) * carnet.nombre_lieux[where]).astype(np.int64)
    chosen = np.flatnonzero(to_place)
    if chosen.size:
        order = np.argsort(np.concatenate([np.flatnonzero(~to_place), chosen]), kind="stable")
        rows = pl.concat([rows[np.flatnonzero(~to_place)], carnet.lieux_dits[place[chosen]]])[order]
    draws = rng.random((10, size))
    frame = rows.select("numero", "repetition", "type", "nom", "nom_voie", "lieu_dit", "numero_max", "code_postal")
    frame = frame.with_columns([pl.Series(f"u{i}", draws[i]) for i in range(10)])
    u = [pl.col(f"u{i}") for i in range(10)]

    upper = capitales(pl.col("nom"))
    short = (
        (pl.lit(" ") + upper.str.replace_all(" ", "  ", literal=True) + pl.lit(" "))
        .str.replace_many(_ABBREVIATIONS)
        .str.replace_all(r" +", " ")
        .str.strip_chars(" ")
    )
    frame = frame.with_columns(
        nom_rue=upper,
        _nom=pl.when(u[0] < 0.45)
        .then(upper)
        .when(u[0] < 0.72)
        .then(short)
        .when(u[0] < 0.85)
        .then("nom")
        .otherwise(pl.col("nom").str.to_uppercase()),
        # One address in twelve gives the street without its number, one in sixteen a number unknown to the base.
        _numero=pl.when(pl.col("lieu_dit") | (u[1] < 0.045))
        .then(pl.lit(""))
        .when(u[1] < 0.08)
        .then((pl.col("numero_max") + 2 + (u[2] * 40).cast(pl.Int32)).cast(pl.String))
        .otherwise(pl.col("numero").cast(pl.String)),
    ).with_columns(
        _rep=pl.when((pl.col("_numero") == "") | (u[1] < 0.08) | (pl.col("repetition") == ""))
        .then(pl.lit(""))
        .when(u[3] < 0.6)
        .then(pl.col("repetition").str.to_uppercase())
        .when(u[3] < 0.85)
        .then(pl.col("repetition").str.slice(0, 1).str.to_uppercase())
        .otherwise("repetition"),
        _code=pl.col("type").replace_strict(
            list(range(len(TYPES))), [code for _, code in TYPES], return_dtype=pl.String
        ),
        _label=pl.col("type").replace_strict(
            list(range(len(TYPES))), [label for label, _ in TYPES], return_dtype=pl.String
        ),
    )
    whole = pl.when(pl.col("type") == 0).then("_nom").otherwise(
        pl.concat_str(
            pl.when(u[4] < 0.6)
            .then("_code")
            .when(u[0] < 0.72)
            .then(capitales(pl.col("_label")))
            .otherwise("_label"),
            pl.lit(" "),
            "_nom",
        )
    )
    # 0: kind and name in their columns; 1: the whole street in one; 2: the number too.
    layout = pl.when((u[5] < 0.76) & (pl.col("type") > 0)).then(0).when((u[5] < 0.92) | (pl.col("_numero") == "")).then(1)
    frame = frame.with_columns(_voie=whole, _forme=layout.otherwise(2))
    in_columns = pl.col("_forme") == 0
    all_in_one = pl.col("_forme") == 2
    frame = frame.with_columns(
        numero_voie=pl.when(all_in_one).then(pl.lit("")).otherwise("_numero"),
        indice_repetition_voie=pl.when(all_in_one).then(pl.lit("")).otherwise("_rep"),
        code_type_voie=pl.when(in_columns & (u[6] < 0.94)).then("_code").otherwise(pl.lit("")),
        libelle_type_voie=pl.when(in_columns & (u[6] > 0.06)).then("_label").otherwise(pl.lit("")),
        libelle_voie=pl.when(in_columns)
        .then("_nom")
        .when(pl.col("lieu_dit") & (u[6] < 0.4))
        .then(pl.lit("LIEU DIT ") + pl.col("_nom"))
        .when(all_in_one)
        .then(
            pl.concat_str(
                "_numero",
                # Alone in a text, the letter of a repeated number would read as part of the name.
                pl.when(pl.col("_rep") == "")
                .then(pl.lit(""))
                .otherwise(pl.lit(" ") + pl.col("repetition").str.to_uppercase()),
                pl.when(u[6] < 0.2).then(pl.lit(", ")).otherwise(pl.lit(" ")),
                "_voie",
            )
        )
        .otherwise("_voie"),
        complement_point_geographique=pl.when(u[7] < 0.03)
        .then(pl.lit("BATIMENT ") + pl.lit(list("ABCD")).list.get((u[8] * 4).cast(pl.Int32)))
        .when(u[7] < 0.06)
        .then((1 + (u[8] * 4).cast(pl.Int32)).cast(pl.String) + pl.lit("E ETAGE"))
        .otherwise(pl.lit("")),
        complement_destinataire=pl.when(u[7] > 0.98).then(pl.lit("CONSULTATIONS")).otherwise(pl.lit("")),
    )
    placed = _commune_part(rng, carnet, where, frame["code_postal"], cedex_share)
    return pl.concat([frame.drop("code_postal"), placed], how="horizontal").select(*ADDRESS_COLUMNS, "nom_rue")


def _commune_part(
    rng: np.random.Generator,
    carnet: Carnet,
    where: Ints,
    postal: pl.Series,
    cedex_share: npt.NDArray[np.float64],
) -> pl.DataFrame:
    """Postal code, commune code and label, office line; all lead to the commune."""
    size = where.size
    draws = rng.random((6, size))
    frame = (
        carnet.communes[where]
        .select(
            "code_commune", "commune", "code_departement", "cedex", "ancien_code", "ancien_nom", "sans_code", "nom_unique"
        )
        .with_columns(
            postal.alias("cp"), pl.Series("_part", cedex_share), *[pl.Series(f"u{i}", draws[i]) for i in range(6)]
        )
    )
    u = [pl.col(f"u{i}") for i in range(6)]
    by_cedex = pl.col("cedex").is_not_null() & (u[0] < pl.col("_part"))
    lost_zero = ~by_cedex & pl.col("cp").str.starts_with("0") & (u[1] < 0.12)
    by_old_code = ~by_cedex & pl.col("ancien_code").is_not_null() & (u[2] < 0.5)
    # Without its code, a commune must be told by its postal code and label, or by the name of its CEDEX office.
    no_code = (
        pl.when(by_cedex)
        .then(pl.col("nom_unique") & (u[3] < 0.35))
        .when(lost_zero)
        .then(pl.col("sans_code") & (u[3] < 0.5))
        .otherwise(pl.col("sans_code") & ~by_old_code & (u[3] < 0.09))
    )
    upper = capitales(pl.col("commune"))
    office = pl.col("cedex") + " " + upper + pl.lit(" CEDEX") + pl.when(u[4] < 0.2).then(pl.lit(" 9")).otherwise(pl.lit(""))
    label = pl.when(by_old_code).then(pl.coalesce("ancien_nom", "commune")).otherwise("commune")
    return frame.select(
        code_postal=pl.when(by_cedex)
        .then("cedex")
        .when(lost_zero)
        .then(pl.col("cp").str.slice(1))
        .otherwise("cp"),
        code_commune=pl.when(no_code)
        .then(pl.lit(""))
        .when(by_old_code)
        .then("ancien_code")
        .otherwise("code_commune"),
        libelle_commune=pl.when(by_cedex & (u[5] < 0.3))
        .then(pl.lit(""))
        .when(u[5] < 0.75)
        .then(label)
        .when(u[5] < 0.9)
        .then(capitales(label))
        .otherwise(_label_key(label)),
        bureau_cedex=pl.when(by_cedex)
        .then(office)
        .when(u[4] < 0.6)
        .then(pl.col("cp") + " " + upper)
        .otherwise(pl.lit("")),
        mention_distribution=pl.when(by_cedex & (u[1] < 0.5))
        .then(pl.lit("BP ") + (10_000 + (u[2] * 80_000).cast(pl.Int32)).cast(pl.String))
        .otherwise(pl.lit("")),
        code_pays=pl.lit("99000"),
        libelle_pays=pl.lit("France"),
    )


def lost(rng: np.random.Generator, carnet: Carnet, where: Ints, reasons: Ints) -> pl.DataFrame:
    """Addresses that cannot be located, one per element of ``where``.

    Args:
        rng: random generator.
        carnet: the communes.
        where: row numbers in ``carnet.communes``; only the department counts for ``commune_inconnue``.
        reasons: index in :data:`REASONS`.

    Returns:
        The columns of :func:`findable`.
    """
    size = where.size
    number = rng.integers(1, 180, size)
    name = pl.Series(NOWHERE)[rng.integers(0, len(NOWHERE), size)]
    kind = rng.integers(1, 6, size)
    postal = (
        carnet.adresses[carnet.premier[where]]["code_postal"] if size else pl.Series("code_postal", [], dtype=pl.String)
    )
    placed = _commune_part(rng, carnet, where, postal, np.zeros(size))
    # A postal code of several communes and no label: the department is known, the commune is not.
    ambiguous = carnet.codes_ambigus
    departements = carnet.communes["code_departement"][where]
    by_departement = dict(ambiguous.group_by("code_departement").agg("code_postal").iter_rows())
    every = ambiguous["code_postal"].to_list()
    turn = rng.integers(0, 1_000, size)
    unknown_postal = [
        (pool := by_departement.get(departement) or every)[turn[i] % len(pool)] if every else f"{departement}999"
        for i, departement in enumerate(departements.to_list())
    ]
    absent = pl.Series(reasons == 0)
    unknown = pl.Series(reasons == 2)
    frame = placed.with_columns(
        absent.alias("_absente"),
        unknown.alias("_inconnue"),
        pl.Series("_cp", unknown_postal, dtype=pl.String),
        pl.Series("_numero", number).cast(pl.String),
        name.alias("_nom"),
        pl.Series("_code", [TYPES[k][1] for k in kind], dtype=pl.String),
        pl.Series("_label", [TYPES[k][0] for k in kind], dtype=pl.String),
        pl.Series("_u", rng.random(size)),
    )
    empty = pl.lit("")
    return frame.with_columns(
        complement_destinataire=empty,
        complement_point_geographique=empty,
        numero_voie=pl.when("_absente").then(empty).otherwise("_numero"),
        indice_repetition_voie=empty,
        code_type_voie=pl.when("_absente").then(empty).otherwise("_code"),
        libelle_type_voie=pl.when("_absente").then(empty).otherwise("_label"),
        libelle_voie=pl.when("_absente").then(empty).otherwise("_nom"),
        mention_distribution=pl.when(pl.col("_absente") & (pl.col("_u") < 0.3))
        .then(pl.lit("BP ") + (10_000 + (pl.col("_u") * 200_000).cast(pl.Int32)).cast(pl.String))
        .otherwise(empty),
        bureau_cedex=pl.when("_inconnue").then(empty).otherwise("bureau_cedex"),
        code_postal=pl.when("_inconnue").then("_cp").otherwise("code_postal"),
        code_commune=pl.when("_inconnue").then(empty).otherwise("code_commune"),
        libelle_commune=pl.when("_inconnue").then(empty).otherwise("libelle_commune"),
        nom_rue=pl.when("_absente").then(empty).otherwise("_nom"),
    ).select(*ADDRESS_COLUMNS, "nom_rue")


# Cities outside the region: INSEE code, postal code, name (INSEE, La Poste; Licence Ouverte 2.0).
VILLES_AILLEURS: tuple[tuple[str, str, str], ...] = (
    ("75056", "75013", "Paris"),
    ("69123", "69003", "Lyon"),
    ("13055", "13005", "Marseille"),
    ("31555", "31000", "Toulouse"),
    ("06088", "06000", "Nice"),
    ("44109", "44000", "Nantes"),
    ("34172", "34000", "Montpellier"),
    ("33063", "33000", "Bordeaux"),
    ("59350", "59000", "Lille"),
    ("35238", "35000", "Rennes"),
    ("76351", "76600", "Le Havre"),
    ("76540", "76000", "Rouen"),
    ("38185", "38000", "Grenoble"),
    ("21231", "21000", "Dijon"),
    ("25056", "25000", "Besançon"),
    ("70550", "70000", "Vesoul"),
    ("90010", "90000", "Belfort"),
    ("39300", "39000", "Lons-le-Saunier"),
    ("71076", "71100", "Chalon-sur-Saône"),
    ("89024", "89000", "Auxerre"),
    ("77284", "77100", "Meaux"),
    ("02691", "02100", "Saint-Quentin"),
    ("02408", "02000", "Laon"),
    ("80021", "80000", "Amiens"),
    ("60057", "60000", "Beauvais"),
    ("63113", "63000", "Clermont-Ferrand"),
    ("37261", "37000", "Tours"),
    ("45234", "45000", "Orléans"),
    ("49007", "49000", "Angers"),
    ("14118", "14000", "Caen"),
    ("29019", "29200", "Brest"),
    ("2A004", "20000", "Ajaccio"),
    ("2B033", "20200", "Bastia"),
    ("97105", "97100", "Basse-Terre"),
    ("97209", "97200", "Fort-de-France"),
    ("97302", "97300", "Cayenne"),
    ("97411", "97400", "Saint-Denis"),
    ("97608", "97600", "Mamoudzou"),
    ("98818", "98800", "Nouméa"),
)
# Foreign postal codes that cannot be read as a code of the region once a zero is restored.
VILLES_ETRANGERES: tuple[tuple[str, str, str], ...] = (
    ("99109", "66111", "SAARBRUECKEN"),
    ("99109", "77694", "KEHL"),
    ("99131", "6700", "ARLON"),
    ("99137", "L-1460", "LUXEMBOURG"),
    ("99140", "4051", "BALE"),
)


def elsewhere(rng: np.random.Generator, size: int) -> pl.DataFrame:
    """Addresses outside the region, a few abroad. Columns of :func:`findable`."""
    city = rng.integers(0, len(VILLES_AILLEURS), size)
    abroad = rng.random(size) < 0.06
    foreign = rng.integers(0, len(VILLES_ETRANGERES), size)
    names = {"99109": "Allemagne", "99131": "Belgique", "99137": "Luxembourg", "99140": "Suisse"}
    rows = [
        ("", VILLES_ETRANGERES[f][1], VILLES_ETRANGERES[f][2], VILLES_ETRANGERES[f][0])
        if out
        else (*VILLES_AILLEURS[c], "99000")
        for c, f, out in zip(city, foreign, abroad, strict=True)
    ]
    columns = ["code_commune", "code_postal", "libelle_commune", "code_pays"]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    number = pl.Series("numero_voie", rng.integers(1, 120, size)).cast(pl.String)
    streets = pl.Series("libelle_voie", ["DE LA PAIX", "VICTOR HUGO", "DES LILAS", "DU GAL LECLERC", "DE LA GARE"])
    empty = pl.lit("")
    return frame.with_columns(
        number,
        streets[rng.integers(0, len(streets), size)],
        indice_repetition_voie=empty,
        code_type_voie=pl.lit("RUE"),
        libelle_type_voie=pl.lit("Rue"),
        complement_destinataire=empty,
        complement_point_geographique=empty,
        mention_distribution=empty,
        bureau_cedex=pl.col("code_postal") + " " + capitales(pl.col("libelle_commune")),
        libelle_pays=pl.col("code_pays").replace_strict(names, default="France"),
    ).with_columns(nom_rue="libelle_voie").select(*ADDRESS_COLUMNS, "nom_rue")
