"""From what a register says of a place to the commune in force.

A register gives up to four clues: a commune code, a commune label, a postal code, a CEDEX office. They are
tried from the surest to the weakest, and only an unambiguous clue is believed. Nothing is ever placed
outside the department of its postal code: a wrong territory is worse than an unknown one.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA

from scoring.geocode.labels import commune_label
from scoring.geocode.normalise import by_value
from scoring.geocode.scores import THRESHOLDS

CLUES = ("code_commune_source", "libelle_commune_source", "code_postal", "bureau_cedex")

# The three cities whose municipal districts have INSEE codes of their own: first and last district, then
# city.
_DISTRICTS = (("75101", "75120", "75056"), ("69381", "69389", "69123"), ("13201", "13216", "13055"))
# A former commune may have been absorbed by one that was absorbed later: follow at most this many links.
_MERGER_LINKS = 4


def clean_postal_code(postal: pl.Expr) -> pl.Expr:
    """A French postal code of five digits, its lost leading zero restored; null for anything else.

    "F-67000", "67 000", "67000STRASBOURG", "67000.0" are read too.
    """
    bare = postal.str.to_uppercase().str.replace(r"\.0*\s*$", "").str.replace_all(r"[^0-9A-Z]", "")
    return bare.str.extract(r"^(?:F|FR|FRANCE)?([0-9]{4,5})(?:[A-Z].*)?$").str.zfill(5)


def departement_of_commune(code: pl.Expr) -> pl.Expr:
    """Department code of a commune code (three characters overseas).

    Saint-Barthélemy and Saint-Martin had codes of Guadeloupe until 2007, which registers still use.
    """
    code = code.replace({"97123": "97701", "97127": "97801"})
    return pl.when(code.str.contains("^9[78]")).then(code.str.slice(0, 3)).otherwise(code.str.slice(0, 2))


def departement_of_postal_code(postal: pl.Expr) -> pl.Expr:
    """Department code that a clean postal code belongs to; CEDEX codes included.

    Corsica: 200 and 201 are Corse-du-Sud (2A), the other 20 codes are Haute-Corse (2B). Saint-Barthélemy and
    Saint-Martin keep the codes of their communes (977, 978), not 971 under which their post is sorted.
    """
    return (
        pl.when(postal.str.contains("^20[01]"))
        .then(pl.lit("2A"))
        .when(postal.str.starts_with("20"))
        .then(pl.lit("2B"))
        .when(postal == "97133")
        .then(pl.lit("977"))
        .when(postal == "97150")
        .then(pl.lit("978"))
        .when(postal.str.contains("^9[78]"))
        .then(postal.str.slice(0, 3))
        .otherwise(postal.str.slice(0, 2))
    )


def attach_communes(
    rows: pl.DataFrame, communes: pl.DataFrame, codes_postaux: pl.DataFrame, fusions: pl.DataFrame
) -> pl.DataFrame:
    """Add the commune in force to rows that describe a place in the words of a register.

    The clues, from the surest: (a) the source's commune code, translated if the commune was merged, districts
    of Paris, Lyon and Marseille standing for their city unless they are communes of the table; (b) postal
    code and commune label; (c) the label of the CEDEX office within the department of the postal code; (d)
    the commune label when it is unique within the department; (e) the label with typing errors, among the
    communes of the postal code; (f) the postal code alone when it has one commune, unless the label names
    communes elsewhere; (g) the label with typing errors, among the communes of the department. Labels compare
    without accents, articles, hyphens, CEDEX mentions, and with SAINT for ST. Names of former communes lead to
    the commune that took them over, and so do former names of communes that were renamed.

    A label that says more than a name ("STRASBOURG NEUDORF") or less ("ST DIE") is believed after (d), within the
    postal code, when it designates one commune; in the department only where the postal code is no commune's.

    A label that is wholly a commune's name weighs more than a postal code that disagrees: one wrong figure
    makes another true postal code far more often than one wrong letter makes another true name, unless that
    letter makes the name of a commune of the postal code.

    Args:
        rows: columns ``code_commune_source``, ``libelle_commune_source``, ``code_postal``, ``bureau_cedex``
            (String, nullable), any others are kept.
        communes: ``territoires__communes`` (at least ``code_commune``, ``commune``).
        codes_postaux: ``territoires__codes_postaux``.
        fusions: ``territoires__fusions``.

    Returns:
        The same rows in the same order, with ``code_commune`` (String; null when no clue is conclusive).
    """
    known = communes.select("code_commune", "commune")
    # A register repeats the same clues thousands of times: settle each distinct set once.
    distinct = rows.select(CLUES).unique(maintain_order=True)
    own_postal = clean_postal_code(pl.col("code_postal"))
    # "67091 STRASBOURG CEDEX": the office line may carry the only postal code.
    office_postal = clean_postal_code(pl.col("bureau_cedex").str.extract(r"^\s*([0-9]{5})\b"))
    clues = (
        distinct.with_row_index("_cas")
        .with_columns(
            _code=pl.col("code_commune_source").str.strip_chars().str.to_uppercase().str.zfill(5),
            _postal=pl.coalesce(own_postal, office_postal),
            # "67000STRASBOURG" in the postal code's column.
            _label=by_value(
                distinct.select(pl.coalesce("libelle_commune_source", "code_postal")).to_series(),
                commune_label,
            ),
            _office=by_value(distinct["bureau_cedex"], commune_label),
        )
        .with_columns(_departement=departement_of_postal_code(pl.col("_postal")))
    )
    by_code = _by_code(clues, known, fusions)
    names = commune_names(known, fusions)
    postal = codes_postaux.select(_postal="code_postal", code_commune="code_commune").join(
        known.select("code_commune"), on="code_commune", how="semi"
    )
    postal = postal.filter(
        departement_of_commune(pl.col("code_commune")) == departement_of_postal_code(pl.col("_postal"))
    )
    by_postal = postal.join(names, on="code_commune")
    in_postal = _only_one(by_postal, ["_postal", "_label"])
    in_departement = _only_one(names, ["_departement", "_label"])
    named = names.select("_departement", "_label").unique().with_columns(_named=pl.lit(True))
    answers = (
        clues.join(by_code, on="_cas", how="left", maintain_order="left")
        .join(in_postal.rename({"code_commune": "_b"}), on=["_postal", "_label"], how="left")
        .join(
            in_departement.rename({"code_commune": "_c", "_label": "_office"}),
            on=["_departement", "_office"],
            how="left",
        )
        .join(in_departement.rename({"code_commune": "_d"}), on=["_departement", "_label"], how="left")
        .join(named, on=["_departement", "_label"], how="left")
    )
    unsettled = answers.filter(pl.all_horizontal(pl.col("_a", "_b", "_c").is_null()))
    unnamed = unsettled.filter(pl.col("_d").is_null(), pl.col("_named").is_null())
    nearby = _misspelt(unsettled, by_postal, "_postal", "_e", "_errors")
    # A label that is some commune's name in the department is not a longer form of another's.
    extended = _extended(unsettled.filter(pl.col("_named").is_null()), by_postal, "_postal", "_p")
    unknown_postal = unsettled.join(postal.select("_postal").unique(), on="_postal", how="anti")
    answers = (
        answers.join(nearby, on=["_postal", "_label"], how="left")
        .join(extended, on=["_postal", "_label"], how="left")
        .join(
            _extended(unknown_postal, names, "_departement", "_r")
            .join(unknown_postal.select("_cas", "_departement", "_label"), on=["_departement", "_label"])
            .select("_cas", "_r"),
            on="_cas",
            how="left",
        )
        .join(
            _misspelt(unnamed, names, "_departement", "_g", "_others"),
            on=["_departement", "_label"],
            how="left",
        )
        .join(_only_one(postal, ["_postal"]).rename({"code_commune": "_f"}), on=["_postal"], how="left")
        .with_columns(
            _f=pl.when(pl.col("_named").is_null()).then("_f"),
            # "ROTH" is a commune, but one letter makes it "ROTT", which has the postal code.
            _d=pl.when(pl.col("_errors") == 1).then("_e").otherwise("_d"),
            _e=pl.when(pl.col("_named").is_null()).then("_e"),
        )
        .select("_cas", code_commune=pl.coalesce("_a", "_b", "_c", "_d", "_p", "_e", "_f", "_r", "_g"))
        .sort("_cas")
    )
    settled = distinct.with_columns(answers["code_commune"])
    kept = rows.drop("code_commune", strict=False)
    return kept.join(settled, on=list(CLUES), how="left", nulls_equal=True, maintain_order="left")


def _by_code(clues: pl.DataFrame, known: pl.DataFrame, fusions: pl.DataFrame) -> pl.DataFrame:
    """Clue (a): ``_cas`` and ``_a``, the commune in force that the source's code leads to."""
    in_force = set(known["code_commune"].to_list())
    successor = dict(zip(fusions["ancien_code_commune"], fusions["code_commune"], strict=True))
    translation: dict[str, str | None] = {}
    for code in clues["_code"].drop_nulls().unique().to_list():
        current: str = code
        for _ in range(_MERGER_LINKS):
            if current in in_force or current not in successor:
                break
            current = successor[current]
        if current not in in_force:
            city = next((city for first, last, city in _DISTRICTS if first <= current <= last), "")
            translation[code] = city if city in in_force else None
        else:
            translation[code] = current
    table = pl.DataFrame(
        {"_code": list(translation), "_a": list(translation.values())},
        schema={"_code": pl.String, "_a": pl.String},
    )
    return clues.select("_cas", "_code").join(table, on="_code", how="left").select("_cas", "_a")


def commune_names(known: pl.DataFrame, fusions: pl.DataFrame) -> pl.DataFrame:
    """Every normalised name that leads to a commune in force.

    Returns:
        ``_departement``, ``_label``, ``code_commune``, ``_rank`` (0: its own name, 1: a former commune's).
    """
    own = known.select("code_commune", _label=by_value(known["commune"], commune_label), _rank=pl.lit(0))
    former = (
        fusions.select(
            "code_commune", _label=by_value(fusions["ancienne_commune"], commune_label), _rank=pl.lit(1)
        )
        .join(known.select("code_commune"), on="code_commune", how="semi")
        .drop_nulls("_label")
    )
    return pl.concat([own, former]).with_columns(_departement=departement_of_commune(pl.col("code_commune")))


def _only_one(candidates: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """The candidates whose keys designate one commune only: the keys and ``code_commune``.

    A commune's own name wins over a former commune of the same name.
    """
    if "_rank" in candidates.columns:
        candidates = candidates.filter(pl.col("_rank") == pl.col("_rank").min().over(keys))
    return (
        candidates.group_by(keys)
        .agg(pl.col("code_commune").n_unique().alias("_n"), pl.col("code_commune").first())
        .filter(pl.col("_n") == 1)
        .drop("_n")
    )


def _by_area(names: pl.DataFrame, wanted: pl.DataFrame, area: str) -> dict[object, pl.DataFrame]:
    """The names of each area where some label is wanted: a country has thousands of postal codes, a file a few."""
    asked = names.join(wanted.select(area).unique(), on=area, how="semi", maintain_order="left")
    return {key[0]: group for key, group in asked.partition_by(area, as_dict=True).items()}


def _misspelt(
    unsettled: pl.DataFrame, names: pl.DataFrame, area: str, answer: str, errors: str
) -> pl.DataFrame:
    """Communes whose name is the label but for typing errors, when one alone is nearest within an area.

    Args:
        unsettled: ``_label`` and the column of the area.
        names: the area, ``_label``, ``code_commune``.
        area: column within which names are compared.
        answer: name of the column of the commune found.
        errors: name of the column of how many typing errors the label holds.
    """
    steps = THRESHOLDS.fautes_commune if area == "_postal" else THRESHOLDS.fautes_commune_departement
    rows: list[tuple[str, str, str, int]] = []
    wanted = unsettled.select(area, "_label").drop_nulls().unique().sort(area, "_label")
    known = _by_area(names, wanted, area)
    for (place,), group in wanted.group_by(area, maintain_order=True):
        if place not in known:
            continue
        choices = known[place].select("_label", "code_commune").rows()
        labels = group["_label"].to_list()
        near = [name for name, _ in choices]
        distances = process.cdist(labels, near, scorer=OSA.distance, score_cutoff=3, dtype=np.uint8)
        for label, row in zip(labels, distances, strict=True):
            nearest = int(row.min())
            codes = {choices[index][1] for index in np.flatnonzero(row == nearest).tolist()}
            length = min(len(label), *(len(choices[i][0]) for i in np.flatnonzero(row == nearest).tolist()))
            if len(codes) == 1 and 0 < nearest <= bisect_right(steps, length):
                rows.append((str(place), label, codes.pop(), nearest))
    schema = {area: pl.String, "_label": pl.String, answer: pl.String, errors: pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _partly(label: str, name: str) -> bool:
    """Whether a label is the second part of a name ("MEZIERES"), or shortens its words ("SAINTE MARIE A M")."""
    if len(label) >= THRESHOLDS.libelle_partiel and name.endswith(f" {label}"):
        return True
    own, other = label.split(" "), name.split(" ")
    shortened = len(own) == len(other) > 1 and len(own[0]) > 1
    return shortened and all(long.startswith(short) for short, long in zip(own, other, strict=True))


# Words that go on with a name: in a whole department, what follows them is part of it, not a quarter.
_LINKS = frozenset("A AU AUX D DE DES DEVANT DU EN ET L LA LE LES PRES SOUS SUR".split())


def _extended(unsettled: pl.DataFrame, names: pl.DataFrame, area: str, answer: str) -> pl.DataFrame:
    """Communes whose name the label goes on with, or that go on with the label, when one alone is within an area.

    Args:
        unsettled: ``_label`` and the column of the area.
        names: the area, ``_label``, ``code_commune``.
        area: column within which names are compared.
        answer: name of the column of the commune found.
    """
    rows: list[tuple[str, str, str]] = []
    links = frozenset[str]() if area == "_postal" else _LINKS
    least = THRESHOLDS.libelle_coupe if area == "_postal" else THRESHOLDS.libelle_coupe_departement
    wanted = unsettled.select(area, "_label").drop_nulls().unique().sort(area, "_label")
    known = _by_area(names, wanted, area)
    for place, label in wanted.iter_rows():
        choices = known[place].select("_label", "code_commune").drop_nulls().rows() if place in known else []
        more = [
            (len(name), code)
            for name, code in choices
            if label.startswith(f"{name} ") and label[len(name) + 1 :].split(" ")[0] not in links
        ]
        longest = max(more, default=(0, ""))[0]
        codes = {code for length, code in more if length == longest}
        if not codes and (len(label) >= THRESHOLDS.libelle_partiel or " " in label):
            codes = {code for name, code in choices if name.startswith(f"{label} ")}
        if not codes and len(label) >= least:
            # Cut by the width of a column: "CHARLEVILLE MEZ".
            codes = {code for name, code in choices if name.startswith(label)}
        if not codes and area == "_postal":
            codes = {code for name, code in choices if _partly(label, name)}
        if len(codes) == 1:
            rows.append((place, label, codes.pop()))
    return pl.DataFrame(rows, schema={area: pl.String, "_label": pl.String, answer: pl.String}, orient="row")
