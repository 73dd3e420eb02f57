"""Addresses of the demo's sites, written as registers write them.

A *findable* address is taken from a row of the demo address base and damaged only in ways that a
normalising geocoder repairs (abbreviations, case, street wholly in one field, CEDEX, lost zero, missing or
former commune code). A *lost* address has no street, or a street that no commune of the demo has and that
resembles none, or no commune that can be told.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from demo.annuaire.carnet import Carnet, label_key
from demo.ban.voies import TYPES, capitales

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
    "XURRUMENDI;WOJTKOWIAKOW;LOKMIKAELIZH;SZCZYGLOWEK;BIDARTZEKOA;URRUTXIPIETA;GRZYBOWINSK;PORZHGWIDEL;"
    "ZWIERZYNSKY;OIHANZABALGO;PRZEMYSLOWKA;WRZESZCZKOWNA;GWITREGZHOUEL;ZWOLAKIEWICZ;KHRYZHANIVSK;OYARTZUNBIDE"
)
NOWHERE: tuple[str, ...] = tuple(_NOWHERE.split(";"))
"""Names of the streets that cannot be found."""

REASONS = ("adresse_absente", "introuvable", "commune_inconnue")


def findable(
    rng: np.random.Generator, carnet: Carnet, where: Ints, cedex_share: npt.NDArray[np.float64]
) -> pl.DataFrame:
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
    to_place = (rng.random(size) < 0.03) & (carnet.nombre_lieux[where] > 0)
    place = carnet.premier_lieu[where] + (rng.random(size) * carnet.nombre_lieux[where]).astype(np.int64)
    chosen = np.flatnonzero(to_place)
    if chosen.size:
        order = np.argsort(np.concatenate([np.flatnonzero(~to_place), chosen]), kind="stable")
        rows = pl.concat([rows[np.flatnonzero(~to_place)], carnet.lieux_dits[place[chosen]]])[order]
    draws = rng.random((10, size))
    frame = rows.select(
        "numero", "repetition", "type", "nom", "nom_voie", "lieu_dit", "numero_max", "code_postal"
    )
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
        # One address in twelve gives the street without its number, one in sixteen a number unknown to the
        # base.
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
    whole = (
        pl.when(pl.col("type") == 0)
        .then("_nom")
        .otherwise(
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
    )
    # 0: kind and name in their columns; 1: the whole street in one; 2: the number too.
    layout = (
        pl.when((u[5] < 0.76) & (pl.col("type") > 0))
        .then(0)
        .when((u[5] < 0.92) | (pl.col("_numero") == ""))
        .then(1)
    )
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
    return pl.concat([frame.drop("code_postal"), placed], how="horizontal").select(
        *ADDRESS_COLUMNS, "nom_rue"
    )


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
            "code_commune",
            "commune",
            "code_departement",
            "cedex",
            "ancien_code",
            "ancien_nom",
            "sans_code",
            "nom_unique",
        )
        .with_columns(
            postal.alias("cp"),
            pl.Series("_part", cedex_share),
            *[pl.Series(f"u{i}", draws[i]) for i in range(6)],
        )
    )
    u = [pl.col(f"u{i}") for i in range(6)]
    by_cedex = pl.col("cedex").is_not_null() & (u[0] < pl.col("_part"))
    lost_zero = ~by_cedex & pl.col("cp").str.starts_with("0") & (u[1] < 0.12)
    by_old_code = ~by_cedex & pl.col("ancien_code").is_not_null() & (u[2] < 0.5)
    # Without its code, a commune must be told by its postal code and label, or by the name of its CEDEX
    # office.
    no_code = (
        pl.when(by_cedex)
        .then(pl.col("nom_unique") & (u[3] < 0.35))
        .when(lost_zero)
        .then(pl.col("sans_code") & (u[3] < 0.5))
        .otherwise(pl.col("sans_code") & ~by_old_code & (u[3] < 0.09))
    )
    upper = capitales(pl.col("commune"))
    office = (
        pl.col("cedex")
        + " "
        + upper
        + pl.lit(" CEDEX")
        + pl.when(u[4] < 0.2).then(pl.lit(" 9")).otherwise(pl.lit(""))
    )
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
        .otherwise(label_key(label)),
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
        carnet.adresses[carnet.premier[where]]["code_postal"]
        if size
        else pl.Series("code_postal", [], dtype=pl.String)
    )
    placed = _commune_part(rng, carnet, where, postal, np.zeros(size))
    # A postal code of several communes and no label: the department is known, the commune is not.
    ambiguous = carnet.codes_ambigus
    departements = carnet.communes["code_departement"][where]
    by_departement = dict(ambiguous.group_by("code_departement").agg("code_postal").iter_rows())
    every = ambiguous["code_postal"].to_list()
    turn = rng.integers(0, 1_000, size)
    unknown_postal = [
        (pool := by_departement.get(departement) or every)[turn[i] % len(pool)]
        if every
        else f"{departement}999"
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
