"""Convergence: criteria that are answered by a number, a day or a text, and the level that thresholds give a number.

A value alone enters no rate of maturity. Where the referential has thresholds (``seuils``: those of levels 1, 2 and 3,
separated by bars, an empty one for a level that the criterion has not), a number is worth the highest level whose
threshold it reaches, 0 below them all; thresholds that go down mean that less is better.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from lake.catalog.convergence import NIVEAUX
from lake.catalog.convergence_usages import types_des
from lake.valeurs import NIVEAU, NOMBRE, valeur_ou_rien
from lake.words import decimal
from scoring.convergence.rules import KEY, against, asked, disputed, reason


def niveau_des_seuils(nombre: pl.Expr, seuils: pl.Expr) -> pl.Expr:
    """The level (Int64) that thresholds give a number; null without a number or thresholds."""
    each = [
        seuils.str.split("|").list.get(rank, null_on_oob=True).cast(pl.Float64, strict=False)
        for rank in range(3)
    ]
    first, last = pl.coalesce(*each), pl.coalesce(*reversed(each))
    down = first > last
    reached = [
        pl.when(pl.when(down).then(nombre <= one).otherwise(nombre >= one)).then(level)
        for level, one in enumerate(each, start=1)
    ]
    found = pl.max_horizontal(pl.lit(0), *reached).cast(pl.Int64)
    return pl.when(nombre.is_not_null() & first.is_not_null()).then(found)


def niveau_atteint(valeur: str, seuils: str) -> int | None:
    """The same, of one value as it is kept; None without thresholds."""
    parts = [(level, Decimal(text)) for level, text in enumerate(seuils.split("|"), start=1) if text]
    if not parts or valeur_ou_rien(valeur, NOMBRE) is None:
        return None
    number, down = Decimal(valeur), parts[0][1] > parts[-1][1]
    return max((level for level, one in parts if (number <= one if down else number >= one)), default=0)


def comptees(reponses: pl.DataFrame, criteres: pl.DataFrame) -> pl.DataFrame:
    """The answers that rates may count: levels, carriers, *not applicable*, and numbers worth a level, as that level.

    Args:
        reponses: ``critere, nature, niveau, valeur`` and any other column.
        criteres: the referential's version.
    """
    if not (reponses["nature"] == "valeur").any():
        return reponses
    worth = niveau_des_seuils(pl.col("valeur").cast(pl.Float64, strict=False), pl.col("_seuils"))
    return (
        reponses.join(
            types_des(criteres).select("critere", _seuils="seuils"),
            on="critere",
            how="left",
            maintain_order="left",
        )
        .with_columns(niveau=pl.when(pl.col("nature") == "valeur").then(worth).otherwise("niveau"))
        .filter((pl.col("nature") != "valeur") | pl.col("niveau").is_not_null())
        .select(reponses.columns)
    )


def en_reponses(reponses: pl.DataFrame, usages: pl.DataFrame, criteres: pl.DataFrame) -> pl.DataFrame:
    """Answers and values of a campaign as what was entered: a level that comes from a value is that value.

    Args:
        reponses: ``service, critere, niveau, non_applicable, porte_par, transmis, commentaire``.
        usages: ``service, critere, valeur, commentaire``.
        criteres: the referential's version.

    Returns:
        The columns of ``reponses`` and ``valeur``, null where a level, a carrier or *not applicable* is answered.
    """
    columns = [
        "service",
        "critere",
        "niveau",
        "non_applicable",
        "porte_par",
        "transmis",
        "commentaire",
        "valeur",
    ]
    by_value = types_des(criteres).filter(pl.col("type_reponse") != NIVEAU)["critere"].implode()
    typed = usages.filter(pl.col("critere").is_in(by_value)).with_columns(
        niveau=pl.lit(None, pl.Int64),
        non_applicable=pl.lit(False),
        porte_par=pl.lit(None, pl.String),
        transmis=pl.lit(True),
    )
    plain = reponses.with_columns(valeur=pl.lit(None, pl.String)).join(
        typed, on=KEY, how="anti", maintain_order="left"
    )
    return pl.concat([plain.select(columns), typed.select(columns)])


def juger(
    usages: pl.DataFrame,
    services: pl.DataFrame,
    criteres: pl.DataFrame,
    preliminaires: pl.DataFrame,
    reponses: pl.DataFrame,
) -> pl.DataFrame:
    """Values as their table has them, with the first reason against each.

    A value is refused when its service or criterion is unknown; the criterion is asked of others, is answered by a
    level, or is hidden by a *known* preliminary answer; the value is not what the criterion asks, or its unit is
    another one; the criterion is answered twice (every such row), or by another level than its thresholds give.

    Args:
        usages: ``service, critere, valeur, unite``, and any other column.
        services: ``service, kind``.
        criteres: ``critere, sujet, non_applicable, question, type_reponse, unite, seuils`` of the referential.
        preliminaires: ``service, question, valeur``; a null value hides nothing.
        reponses: the answers that stand: ``service, critere, niveau``.

    Returns:
        The rows and columns of ``usages`` in their order, ``valeur`` as it is kept, with ``unite``, ``nombre``,
        ``niveau`` and ``motif``.
    """
    masked = preliminaires.filter(~pl.col("valeur")).select("service", "question").unique()
    rows = (
        asked(usages, services, criteres)
        .join(
            types_des(criteres).select("critere", "seuils", sorte="type_reponse", _unite="unite"),
            on="critere",
            how="left",
            maintain_order="left",
        )
        .join(
            masked.with_columns(masque=pl.lit(True)),
            on=["service", "question"],
            how="left",
            maintain_order="left",
        )
        .join(
            reponses.select(*KEY, _dit="niveau").drop_nulls().unique(KEY),
            on=KEY,
            how="left",
            maintain_order="left",
        )
    )
    read = [valeur_ou_rien(text, sort) for text, sort in rows.select("valeur", "sorte").iter_rows()]
    rows = rows.with_columns(_lue=pl.Series(read, dtype=pl.String))
    number = pl.when(pl.col("sorte") == NOMBRE).then(pl.col("_lue").cast(pl.Float64, strict=False))
    rows = rows.with_columns(nombre=number).with_columns(
        niveau=niveau_des_seuils(pl.col("nombre"), pl.col("seuils"))
    )
    judged = against(
        rows,
        reason(pl.col("sorte") == NIVEAU, "critère qui se répond par un niveau : ", "{}", ["critere"]),
        reason(
            pl.col("masque").fill_null(False),
            "critère caché par la question préliminaire : ",
            "{} ({})",
            ["critere", "question"],
        ),
        reason(
            pl.col("_lue").is_null(), "valeur illisible : ", "« {} » pour {}, un critère de type {}",
            ["valeur", "critere", "sorte"],
        ),
        reason(
            pl.col("unite").is_not_null() & pl.col("unite").ne_missing(pl.col("_unite")),
            "unité qui n'est pas celle du critère : ",
            "{} pour {}, en {}",
            ["unite", "critere", "_unite"],
        ),
        reason(
            pl.col("_dit").is_not_null() & pl.col("_dit").ne_missing(pl.col("niveau")),
            "niveau que la valeur n'a pas : ",
            "{} pour {}, répondu {}",
            ["_dit", "critere", "valeur"],
        ),
    )  # fmt: skip
    judged = disputed(judged, KEY, "deux valeurs pour un critère")
    judged = judged.with_columns(valeur=pl.coalesce("_lue", "valeur"), unite=pl.col("_unite"))
    return judged.select(*usages.columns, "nombre", "niveau", "motif")


def sans_niveau(usages: pl.DataFrame, reponses: pl.DataFrame) -> pl.DataFrame:
    """The values worth a level that no answer says: ``service, critere, niveau``: they enter no rate."""
    worth = usages.filter(pl.col("niveau").is_not_null()).select(*KEY, "niveau")
    return worth.join(reponses.select(KEY), on=KEY, how="anti", maintain_order="left")


def niveaux_des_seuils(criteres: pl.DataFrame, connus: pl.DataFrame) -> pl.DataFrame:
    """The levels that thresholds make, worded, of the criteria that no file words: the rows of their table."""
    rows = []
    for row in criteres.unique("critere", keep="last", maintain_order=True).iter_rows(named=True):
        if not row["seuils"] or row["critere"] in set(connus["critere"]):
            continue
        parts = [(level, text) for level, text in enumerate(row["seuils"].split("|"), start=1) if text]
        if not parts:
            continue
        down = Decimal(parts[0][1]) > Decimal(parts[-1][1])
        unit = f" {row['unite']}" if row["unite"] else ""
        beyond = "plus de" if down else "moins de"
        words = {0: f"{beyond} {decimal(parts[0][1])}{unit}"}
        words |= {
            level: f"{'au plus' if down else 'au moins'} {decimal(text)}{unit}" for level, text in parts
        }
        rows += [(row["volet"], row["version"], row["critere"], level, text) for level, text in words.items()]
    return pl.DataFrame(rows, schema=NIVEAUX.dtypes(), orient="row")


def mesure_changee(critere: str, avant: Mapping[str, Any], apres: Mapping[str, Any]) -> list[str]:
    """What another version measures otherwise under the same code, in French: another unit is another criterion."""
    named = {
        "type_reponse": "le type de réponse n'est plus le même",
        "unite": "l'unité n'est plus la même",
        "seuils": "les seuils ne sont plus les mêmes",
    }
    return [
        f"référentiel, critère {critere} : {words} (« {avant[name] or ''} », puis « {apres[name] or ''} »), sans "
        "correspondance : donnez-lui un autre code"
        for name, words in named.items()
        if (avant[name] or "") != (apres[name] or "")
    ]


def liens_inegaux(
    liens: pl.DataFrame, avant: Mapping[str, Mapping[str, Any]], apres: Mapping[str, Mapping[str, Any]]
) -> list[str]:
    """The correspondences said to be sure between criteria that do not measure the same, in French.

    Args:
        liens: ``critere_avant, critere, certitude``.
        avant, apres: criterion -> ``type_reponse, unite`` of each version.
    """

    def measure(row: Mapping[str, Any]) -> str:
        return str(row["unite"] or row["type_reponse"] or NIVEAU)

    return [
        f"correspondances : {old} et {new} ne mesurent pas la même chose ({measure(avant[old])}, puis "
        f"{measure(apres[new])}) : leur certitude est « a_revoir »"
        for old, new, sure in liens.select("critere_avant", "critere", "certitude")
        .unique(maintain_order=True)
        .iter_rows()
        if sure == "sure" and old in avant and new in apres and measure(avant[old]) != measure(apres[new])
    ]


def fautes_de_mesure(critere: str, dit: Mapping[str, Any], niveaux: list[int]) -> list[str]:
    """What is wrong with how a criterion is answered, in French.

    Args:
        critere: its code.
        dit: ``type_reponse, seuils`` of the referential.
        niveaux: its levels, lowest first.
    """
    kind, seuils = dit["type_reponse"] or NIVEAU, dit["seuils"]
    if not seuils:
        if kind == NIVEAU and not niveaux:
            return [f"niveaux : le critère {critere} n'a aucun niveau"]
        if kind != NIVEAU and niveaux:
            return [f"niveaux : le critère {critere} est de type {kind}, et n'a pas de seuils : aucun niveau"]
        return []
    parts = [(level, Decimal(text)) for level, text in enumerate(seuils.split("|"), start=1) if text]
    said = []
    if kind != NOMBRE:
        said.append(f"référentiel, critère {critere} : des seuils pour une réponse de type {kind}")
    if not parts:
        said.append(f"référentiel, critère {critere} : aucun seuil dans « {seuils} »")
    values = [value for _, value in parts]
    if values not in (sorted(set(values)), sorted(set(values), reverse=True)):
        said.append(f"référentiel, critère {critere} : seuils dans le désordre (« {seuils} »)")
    if parts and niveaux != [0, *(level for level, _ in parts)]:
        said.append(
            f"niveaux, critère {critere} : les seuils en font les niveaux "
            f"{', '.join(str(one) for one in [0, *(level for level, _ in parts)])}"
        )
    return said
