"""Readings of addresses against the places of one department: candidates, scores, one answer an address.

Candidates come in tiers (:mod:`scoring.geocode.tiers`); here they meet the points of the places, are scored, and one
answer is chosen. A number is never another's: where the street has it twice, far apart, and nothing tells which, the
answer is the street.
"""

from __future__ import annotations

import polars as pl

from scoring.geocode.approximate import standing_out
from scoring.geocode.index import Index, middles
from scoring.geocode.mentions import repetition_class
from scoring.geocode.normalise import by_value, plain, street_keys
from scoring.geocode.protocol import ANSWER_SCHEMA, EXPLANATION_SCHEMA
from scoring.geocode.scores import COMPONENTS, THRESHOLDS, Thresholds
from scoring.geocode.tiers import tiers

_EARTH_DEGREE_M = 111_195.0


def match(
    addresses: pl.DataFrame, index: Index, thresholds: Thresholds = THRESHOLDS, *, explain: bool = False
) -> pl.DataFrame:
    """Answer addresses of one department.

    Args:
        addresses: columns of :data:`scoring.geocode.protocol.ADDRESS_SCHEMA`, all of the index's department.
        index: the department's places and points.
        thresholds: the constants of the score.
        explain: also return the columns of :data:`scoring.geocode.protocol.EXPLANATION_SCHEMA`.

    Returns:
        Columns of :data:`scoring.geocode.protocol.ANSWER_SCHEMA`, one row per address found.
    """
    scored = _every_candidate(addresses, index, thresholds)
    best = _decided(scored, thresholds).with_columns(libelle_trouve=_found_label())
    if not explain:
        return best.select(_ANSWER)
    return (
        best.join(_second(scored, best), on="cle_adresse", how="left", maintain_order="left")
        .select(*_ANSWER, *EXPLANATION_SCHEMA.names())
        .cast({name: EXPLANATION_SCHEMA[name] for name in EXPLANATION_SCHEMA})
    )


def candidates(
    addresses: pl.DataFrame, index: Index, thresholds: Thresholds = THRESHOLDS, *, limit: int = 5
) -> pl.DataFrame:
    """The places that each address may mean, the best first: the answer of :func:`match` where that is sure.

    Args:
        addresses: as for :func:`match`.
        index: the department's places and points.
        thresholds: the constants of the score.
        limit: how many places at most for one address.

    Returns:
        Columns of :data:`scoring.geocode.protocol.ANSWER_SCHEMA`, ``rang`` (UInt32, from 1), ``lecture``, the
        score's components and ``place`` (of the index): at most ``limit`` rows an address, sorted by address and rank.
    """
    scored = _every_candidate(addresses, index, thresholds)
    best = _top(scored, thresholds).drop("_communes")
    tied = best.select("cle_adresse", _top="_score", _doubt="s_ambiguite")
    others = (
        scored.join(best, on=["cle_adresse", "place"], how="anti")
        .join(tied, on="cle_adresse")
        .with_columns(
            # What ties with the answer is as ambiguous as it is.
            s_ambiguite=pl.when(pl.col("_score") >= pl.col("_top") - 1e-9).then("_doubt").otherwise(1.0)
        )
        .with_columns(geo_score=pl.col("_score") * pl.col("s_ambiguite"))
        .sort(
            "cle_adresse", "_score", "place", "longitude", "latitude", descending=[False, True] + [False] * 3
        )
        .unique(["cle_adresse", "place"], keep="first", maintain_order=True)
    )
    columns = [name for name in best.columns if name in others.columns]
    return (
        pl.concat([best.select(columns), others.select(columns)])
        .with_columns(rang=pl.int_range(1, pl.len() + 1, dtype=pl.UInt32).over("cle_adresse"))
        .filter(pl.col("rang") <= limit)
        .with_columns(libelle_trouve=_found_label())
        .sort("cle_adresse", "rang")
        .select(*_ANSWER, "rang", "lecture", *COMPONENTS, "place")
    )


_ANSWER = [
    pl.col({"code_commune_trouve": "place_commune"}.get(name, name)).alias(name) for name in ANSWER_SCHEMA
]


def _second(scored: pl.DataFrame, best: pl.DataFrame) -> pl.DataFrame:
    """The best other place of each address that may mean several: ``second_libelle``, ``second_score``."""
    return (
        scored.join(best, on=["cle_adresse", "place"], how="anti")
        .sort(
            "cle_adresse", "_score", "place", "longitude", "latitude", descending=[False, True] + [False] * 3
        )
        .unique("cle_adresse", keep="first", maintain_order=True)
        .select("cle_adresse", second_libelle=_found_label(), second_score="_score")
    )


def _every_candidate(addresses: pl.DataFrame, index: Index, thresholds: Thresholds) -> pl.DataFrame:
    """Every point that an address may mean, with its components and ``_score``."""
    candidates, guessed = tiers(addresses, index, thresholds)
    sure = _scored(_hits(_same_former_commune(candidates), index, thresholds), thresholds)
    near = _scored(_hits(_same_former_commune(guessed), index, thresholds), thresholds)
    return pl.concat([sure, _believable(near, thresholds)])


def _same_former_commune(candidates: pl.DataFrame) -> pl.DataFrame:
    """Keep the candidates of the former commune that the address names, where it names one.

    Merged communes often have the same street twice. The register's own code or label, where it is the former
    commune's, says which; else the postal code does, if it differs between them.
    """
    # The new commune often bears the name and the code of one of the former ones: these say nothing then.
    former_code = (pl.col("code_commune_source") == pl.col("ancien_code_commune")) & (
        pl.col("code_commune_source") != pl.col("place_commune")
    )
    said = pl.concat_str(
        pl.lit(" "), "libelle_commune", pl.lit(" "), "contexte", pl.lit(" "), ignore_nulls=True
    ).str.replace_many([" ST ", " STE "], [" SAINT ", " SAINTE "])
    former_name = (pl.col("libelle_ancienne") != pl.col("place_libelle")) & said.str.contains(
        pl.format(" {} ", pl.col("libelle_ancienne")), literal=True
    )
    by_label = pl.col("code_commune").is_null() & (pl.col("libelle_commune") == pl.col("place_libelle"))
    says_former = former_code.fill_null(False) | former_name.fill_null(False) | by_label.fill_null(False)
    same_postal = (pl.col("code_postal") == pl.col("place_postal")).fill_null(False)
    marked = candidates.with_columns(_former=says_former, _postal=same_postal)
    marked = marked.filter(pl.col("_former") == pl.col("_former").max().over("cle_adresse"))
    # One street may run through several postal codes: those of another former commune only are set aside.
    agreed = pl.col("_postal").any().over("cle_adresse", "ancien_code_commune", "place_commune")
    anywhere = pl.col("_postal").any().over("cle_adresse")
    return marked.filter(agreed | ~anywhere)


def _hits(candidates: pl.DataFrame, index: Index, thresholds: Thresholds) -> pl.DataFrame:
    """The points that candidates lead to: the number, else the middle of the street, with components."""
    wanted = candidates.select("place").unique()
    points = index.points.join(wanted, on="place", how="semi")
    numbered = points.drop_nulls("numero").rename(
        {"repetition": "point_repetition", "numero": "point_numero", "localite": "point_localite"}
    )
    ends = candidates.filter(pl.col("numero_fin").is_not_null()).with_columns(
        numero="numero_fin", repetition=pl.lit(None, pl.String), _end=pl.lit(thresholds.fin_de_plage)
    )
    numbers = pl.concat([candidates.with_columns(_end=pl.lit(1.0)), ends])
    same = pl.col("repetition").eq_missing(pl.col("point_repetition"))
    alike = repetition_class(pl.col("repetition")) == pl.col("genre")
    bare = pl.col("repetition").is_null() | pl.col("point_repetition").is_null()
    at_number = (
        numbers.drop_nulls("numero")
        .join(numbered, left_on=["place", "numero"], right_on=["place", "point_numero"])
        # 7 SEXIES is not 7 QUINQUIES; 7 alone may stand for either, and for one that the BAN does not have.
        .with_columns(_index=pl.when(same).then(0).when(alike.fill_null(False)).then(1).when(bare).then(2))
        .drop_nulls("_index")
    )
    at_number = at_number.filter(
        pl.col("_index") == pl.col("_index").min().over("cle_adresse", "place", "numero", "repetition")
    )
    at_number = _told_hamlet(at_number, "cle_adresse", "place").with_columns(
        geo_precision=pl.lit("numero"),
        s_precision=pl.lit(1.0),
        s_numero=pl.col("_end")
        * pl.when(pl.col("_index") < 2).then(1.0).otherwise(thresholds.autre_repetition),
    )
    streets = pl.concat(
        [middles(points).with_columns(point_localite=pl.lit(None, pl.String)), _hamlets(points)]
    )
    in_street = _told_hamlet(candidates.join(streets, on="place"), "cle_adresse", "place").with_columns(
        point_repetition=pl.lit(None, pl.String),
        geo_precision=pl.when("lieu_dit").then(pl.lit("lieu_dit")).otherwise(pl.lit("rue")),
        s_precision=pl.when("lieu_dit")
        .then(thresholds.lieu_dit)
        .when(pl.col("numero").is_null())
        .then(thresholds.rue_demandee)
        .otherwise(thresholds.rue_par_defaut),
        s_numero=pl.lit(1.0),
    )
    in_street = in_street.filter(pl.col("point_localite").is_null() | pl.col("_told")).drop("_told")
    return pl.concat([at_number.drop("_told").select(in_street.columns), in_street])


def _hamlets(points: pl.DataFrame) -> pl.DataFrame:
    """The middle of each hamlet's part of the streets that run through several."""
    parted = points.drop_nulls("localite").filter(pl.col("localite").n_unique().over("place") > 1)
    if parted.is_empty():
        return pl.DataFrame(
            schema={
                "place": pl.UInt32,
                "longitude": pl.Float64,
                "latitude": pl.Float64,
                "point_localite": pl.String,
            }
        )
    parts = parted.select("place", "localite").unique(maintain_order=True).with_row_index("_part")
    middle = middles(parted.join(parts, on=["place", "localite"]).with_columns(place="_part"))
    return (
        middle.rename({"place": "_part"})
        .join(parts, on="_part")
        .select("place", "longitude", "latitude", point_localite="localite")
    )


def _told_hamlet(hits: pl.DataFrame, *group: str) -> pl.DataFrame:
    """The hits of the hamlet that the address names, where it names one of its group's (``_told``, Boolean)."""
    # One hamlet, or none, leaves nothing to choose: few streets name any, and only those are counted.
    named = hits.drop_nulls("point_localite").select(group).unique()
    if named.is_empty():
        return hits.with_columns(_told=pl.lit(False))
    counted = hits.join(named, on=group, how="semi").group_by(group).agg(pl.col("point_localite").n_unique())
    several = counted.filter(pl.col("point_localite") > 1).select(*group, _several=pl.lit(True))
    sides = hits.select(*group, "point_localite").join(several, on=group, how="left", maintain_order="left")
    marks = sides["_several"].fill_null(False) & sides["point_localite"].is_not_null()
    parted = hits.filter(marks)
    if parted.is_empty():
        return hits.with_columns(_told=pl.lit(False))
    # What the address says, as written and as keys: the street's own key is known already, and so is the commune's.
    key = [street_keys(parted[column]).alias(f"_{column}") for column in ("contexte", "libelle_commune")]
    said = pl.concat_str("contexte", "libelle_commune", separator=" ", ignore_nulls=True)
    keys = pl.concat_str("_contexte", "_libelle_commune", separator=" ", ignore_nulls=True)
    parted = parted.with_columns(*key).with_columns(_said=said, _key=keys)
    parted = parted.with_columns(_told=(_names("_said") | _names("_key")).fill_null(False)).drop(
        "_said", "_key", "_contexte", "_libelle_commune"
    )
    marked = pl.concat(
        [
            hits.filter(~marks).with_columns(_told=pl.lit(False)),
            parted,
        ]
    )
    return marked.filter(pl.col("_told") == pl.col("_told").max().over(*group))


def _names(column: str) -> pl.Expr:
    """Whether a text names the hamlet."""
    return pl.format(" {} ", column).str.contains(pl.format(" {} ", "point_localite"), literal=True)


def _scored(hits: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """Add ``s_commune`` and ``_score``, the product of the components but for ambiguity."""
    same_postal = (pl.col("code_postal") == pl.col("place_postal")).fill_null(True)
    return hits.with_columns(
        s_commune=pl.when(pl.col("code_commune").is_null())
        .then(thresholds.par_code_postal)
        # A CEDEX or a mistaken postal code cannot agree with any place of the commune: it says nothing.
        .when(same_postal | ~pl.col("_postal").any().over("cle_adresse"))
        .then(1.0)
        .otherwise(thresholds.autre_code_postal)
    ).with_columns(
        _score=pl.col("s_precision")
        * pl.col("s_voie")
        * pl.col("s_numero")
        * pl.col("s_commune")
        * pl.col("s_lecture")
    )


def _believable(guessed: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """Of the streets with an approximate name, those that the number bears out, else the surest.

    A doubtful name without the number asked is not believed; streets that cannot be told apart are left out.
    """
    at_number = pl.col("geo_precision") == "numero"
    sure_alone = ~pl.col("exige_numero") & (
        pl.col("numero").is_null() | (pl.col("s_voie") >= thresholds.voie_sans_numero)
    )
    kept = guessed.filter(at_number | sure_alone)
    numbered = (pl.col("geo_precision") == "numero").any().over("cle_adresse")
    return standing_out(kept.filter(~numbered | (pl.col("geo_precision") == "numero")), thresholds)


def _decided(scored: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """The best candidate of each address; equals that are far apart make it ambiguous.

    A number in two places far apart is not located at either: the street is answered. Equals in two communes answer
    nothing: a wrong territory is worse than an unknown one.
    """
    top = _top(scored, thresholds)
    doubtful = top.filter(
        (pl.col("s_ambiguite") < 1.0), pl.col("geo_precision") == "numero", pl.col("_communes") == 1
    )
    if doubtful.height:
        streets = scored.join(doubtful.select("cle_adresse"), on="cle_adresse", how="semi").filter(
            pl.col("geo_precision") != "numero"
        )
        again = _top(streets, thresholds).with_columns(s_ambiguite=pl.lit(thresholds.ambigue))
        again = again.with_columns(geo_score=pl.col("_score") * pl.col("s_ambiguite"))
        top = pl.concat([top.join(doubtful, on="cle_adresse", how="anti"), again])
    return top.filter(pl.col("_communes") == 1).drop("_communes")


def _top(scored: pl.DataFrame, thresholds: Thresholds) -> pl.DataFrame:
    """One of the best candidates of each address, ``s_ambiguite``, and in how many communes they are."""
    top = scored.filter(pl.col("_score") >= pl.col("_score").max().over("cle_adresse") - 1e-9)
    # "Rue du Temple (Bleury)" and "Rue du Temple (Chenay)": the hamlet said elsewhere tells one from the other.
    top = _told_hamlet(_as_written(top), "cle_adresse").drop("_told")
    across = (pl.col("longitude").max() - pl.col("longitude").min()) * 0.66
    along = pl.col("latitude").max() - pl.col("latitude").min()
    apart = ((across**2 + along**2).sqrt() * _EARTH_DEGREE_M).over("cle_adresse")
    return (
        top.with_columns(
            s_ambiguite=pl.when(apart > thresholds.distance_ambigue_m)
            .then(thresholds.ambigue)
            .otherwise(1.0),
            _communes=pl.col("place_commune").n_unique().over("cle_adresse"),
        )
        .with_columns(geo_score=pl.col("_score") * pl.col("s_ambiguite"))
        # Among equals the larger place, then the BAN's own order: always the same choice.
        .sort(
            "cle_adresse",
            pl.col("place_points"),
            "place",
            "longitude",
            "latitude",
            descending=[False, True, False, False, False],
        )
        .unique("cle_adresse", keep="first", maintain_order=True)
    )


def _as_written(top: pl.DataFrame) -> pl.DataFrame:
    """Among equals, those whose name is written as it was asked: "GRAND RUE" is not "GRANDE RUE"."""
    several = pl.col("place").n_unique().over("cle_adresse") > 1
    doubtful = top.filter(several)
    written = pl.col("mots") == by_value(doubtful["nom"], plain)
    doubtful = doubtful.with_columns(_written=written.fill_null(False)).filter(
        pl.col("_written") == pl.col("_written").max().over("cle_adresse")
    )
    return pl.concat([top.filter(~several), doubtful.drop("_written")])


def _found_label() -> pl.Expr:
    """The address found, as the BAN writes it: "12 B Rue de la Gare, 67000 STRASBOURG"."""
    street = pl.concat_str(
        pl.when(pl.col("geo_precision") == "numero").then(pl.col("numero").cast(pl.String)),
        pl.when(pl.col("geo_precision") == "numero").then("point_repetition"),
        "affiche",
        separator=" ",
        ignore_nulls=True,
    )
    place = pl.concat_str("place_postal", "place_libelle", separator=" ", ignore_nulls=True)
    return pl.concat_str(street, place, separator=", ", ignore_nulls=True)
