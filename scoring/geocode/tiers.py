"""The places that addresses may mean, from the surest way of finding them to the weakest.

Each tier is for the addresses that the ones before left without a street (a named place is no answer to a number if
a street of that name has it):

1. the street as its columns give it, exactly (spaces apart), or by its name without its kind of way where no number
   was told apart: such a text holds no house number;
2. a street within the text, exactly; then without its kind;
3. a street followed by the name of a place of its commune ("5 ROUTE DE POILLY AUVERGNE");
4. a numbered street in another column;
5. approximate names (:mod:`scoring.geocode.approximate`), shortened names (:mod:`scoring.geocode.shortened`);
6. a street or a named place of another column, with the number's column.
"""

from __future__ import annotations

import polars as pl

from scoring.geocode.approximate import approximate
from scoring.geocode.index import Index, zone_of
from scoring.geocode.normalise import opens_with_way, tight
from scoring.geocode.readings import borrowed, direct, elsewhere, within
from scoring.geocode.scores import Thresholds
from scoring.geocode.shortened import shortened
from scoring.geocode.vocabulary import PREMISES

# Readings that guess which words are the street are only trusted on exact names.
_SURE_READINGS = ("directe", "libelle_seul", "numero_en_tete", "numero_en_queue", "sans_batiment")
_PREMISES = rf"^(?:{'|'.join(PREMISES)}) "


def tiers(addresses: pl.DataFrame, index: Index, thresholds: Thresholds) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The candidates of addresses: those of exact names, and those of approximate ones.

    Args:
        addresses: columns of :data:`scoring.geocode.protocol.ADDRESS_SCHEMA`.
        index: the department's places and points.
        thresholds: the constants of the score.

    Returns:
        Two frames of one shape: readings joined with places, ``s_voie``, ``ressemblance``, ``exige_numero``.
    """
    places = _Places(index, thresholds)
    if index.several:
        addresses = addresses.with_columns(zone=pl.col("code_departement") + zone_of(""))
    asked = _with_context(direct(addresses), addresses)
    found = [places.exact(asked)]
    left = _without_street(addresses, found)
    # A text that is the name of a street but for its kind holds no number either.
    unnumbered = _with_context(direct(left.filter(pl.col("numero").is_null())), left)
    found.append(places.by_name(unnumbered.filter(pl.col("mots").str.contains("[0-9]")), found))
    left = _without_street(left, found)
    inner = _with_context(within(left, thresholds), left)
    found.append(places.exact(inner))
    left = _without_street(left, found)
    sure = pl.concat([asked, inner]).filter(pl.col("lecture").is_in(_SURE_READINGS))
    sure = sure.join(left, on="cle_adresse", how="semi")
    found.append(places.followed(pl.concat([asked, inner]).join(left, on="cle_adresse", how="semi")))
    found.append(places.by_name(sure, found))
    left = _without_street(left, found)
    found.append(places.exact(_with_context(elsewhere(left, thresholds), left)))
    left = _without_street(left, found)
    # Approximations are dear: only for those without a sure name. One of another kind of way is not sure: "RUE
    # CLEMENCEAU" may be "Rue Georges Clemenceau" rather than "Boulevard Clemenceau".
    named = pl.concat(found).filter(pl.col("s_voie") > thresholds.autre_type)
    unnamed = sure.join(named, on="cle_adresse", how="anti")
    guessed = places.approximate(unnamed)
    left = left.join(guessed.filter(~pl.col("exige_numero")), on="cle_adresse", how="anti")
    lent = _with_context(borrowed(left, thresholds), left)
    found.append(places.exact(lent))
    left = _without_street(left, found)
    found.append(places.by_name(lent.join(left, on="cle_adresse", how="semi"), found))
    return pl.concat(found), guessed


def _with_context(read: pl.DataFrame, addresses: pl.DataFrame) -> pl.DataFrame:
    """Readings, each with what its address says of the commune and of hamlets."""
    words = pl.concat_str("voie", "contexte", separator=" ", ignore_nulls=True)
    context = addresses.select(
        "cle_adresse",
        "code_commune",
        "code_postal",
        "libelle_commune",
        "code_commune_source",
        *(["zone"] if "zone" in addresses.columns else []),
        contexte=words,
    )
    return read.join(context, on="cle_adresse", maintain_order="left")


def _without_street(addresses: pl.DataFrame, found: list[pl.DataFrame]) -> pl.DataFrame:
    """The addresses that have no street among the candidates, nor the named place they ask for."""
    asked = pl.concat([frame.select("cle_adresse", "lieu_dit", "numero", "route") for frame in found])
    # A named place is no answer to a number if a street of that name has it: "4 DE LA SCIERIE".
    # Nor is a zone or a residence, where another column may hold the street.
    told = addresses.select("cle_adresse", _alone=pl.col("ailleurs").is_null())
    settled = asked.join(told, on="cle_adresse").filter(
        ~pl.col("lieu_dit") & (pl.col("route") | pl.col("numero").is_not_null() | pl.col("_alone"))
    )
    named = asked.filter("lieu_dit").select("cle_adresse").unique()
    named = named.join(
        addresses.filter(pl.col("numero").is_null(), pl.col("ailleurs").is_null()), on="cle_adresse"
    )
    return addresses.join(settled, on="cle_adresse", how="anti").join(named, on="cle_adresse", how="anti")


class _Places:
    """The places of an index, by the several keys they are found under."""

    def __init__(self, index: Index, thresholds: Thresholds) -> None:
        self.index, self.thresholds = index, thresholds
        self.areas = index.places.with_columns(
            code_commune=index.area("code_commune"), code_postal=index.area("code_postal")
        )
        places = index.places.with_columns(
            _commune=self.areas["code_commune"], _postal=self.areas["code_postal"]
        )
        self.places = places.drop("zone", strict=False).rename(
            {
                "code_commune": "place_commune",
                "code_postal": "place_postal",
                "libelle_commune": "place_libelle",
                "cle": "place_cle",
                "cle_nom": "place_nom",
                "serree": "place_serree",
                "points": "place_points",
            }
        )

    def exact(self, asked: pl.DataFrame) -> pl.DataFrame:
        """Places whose key is the reading's, spaces apart."""
        return _sure(self._candidates(asked, "serree", "place_serree")).with_columns(
            s_voie=pl.when(pl.col("cle") == pl.col("place_cle"))
            .then(1.0)
            .otherwise(self.thresholds.autres_espaces)
        )

    def by_name(self, asked: pl.DataFrame, found: list[pl.DataFrame]) -> pl.DataFrame:
        """Places whose name without its kind of way is the reading's, not found yet."""
        bare = (
            (pl.col("cle") == pl.col("cle_nom"))
            | (pl.col("place_cle") == pl.col("cle_nom"))
            | (pl.col("cle") == pl.col("place_nom"))
        )
        known = pl.concat([frame.select("cle_adresse", "place") for frame in found])
        # "FBG NATIONAL" for "Rue du Faubourg National": the kind asked is part of the name known.
        part = asked.filter(pl.col("cle") != pl.col("cle_nom"))
        names = pl.concat(
            [
                self._candidates(asked, "cle_nom", "place_nom"),
                self._candidates(part, "cle", "place_nom").filter(pl.col("place_cle") != pl.col("place_nom")),
            ]
        )
        return (
            _sure(names)
            .with_columns(
                s_voie=pl.when(bare).then(self.thresholds.sans_type).otherwise(self.thresholds.autre_type)
            )
            .filter(~(pl.col("cle").str.contains(_PREMISES) & pl.col("route")))
            .join(known, on=["cle_adresse", "place"], how="anti")
        )

    def followed(self, asked: pl.DataFrame) -> pl.DataFrame:
        """Places whose key opens the reading's, the rest being the name of a place of the commune."""
        worth = asked.filter(opens_with_way(pl.col("cle")) & pl.col("cle").str.contains(" .* "))
        if worth.is_empty():
            return self.exact(worth)
        words = pl.col("cle").str.split(" ")
        cut = (
            worth.with_columns(_words=words, _count=pl.int_ranges(2, words.list.len()))
            .explode("_count")
            .drop_nulls("_count")
            .with_columns(
                cle=pl.col("_words").list.head(pl.col("_count")).list.join(" "),
                _rest=pl.col("_words").list.slice(pl.col("_count")).list.join(""),
                s_lecture=pl.col("s_lecture") * self.thresholds.lecture,
            )
            .with_columns(serree=tight(pl.col("cle")))
            .drop("_words", "_count")
        )
        # The place that follows must be one of the commune.
        found = self._candidates(cut, "serree", "place_serree")
        found = found.with_columns(_area=self.index.area("place_commune"))
        places = self.index.localites.select(_area="code_commune", _rest="serree")
        return _sure(
            found.join(places, on=["_area", "_rest"], how="semi").drop("_rest", "_area")
        ).with_columns(s_voie=pl.lit(1.0))

    def approximate(self, asked: pl.DataFrame) -> pl.DataFrame:
        """Places whose name is nearly the reading's."""
        sought = asked.with_columns(
            code_commune=self.index.area("code_commune"), code_postal=self.index.area("code_postal")
        )
        near = approximate(sought, self.areas, self.thresholds)
        unlike = sought.join(near.filter(~pl.col("exige_numero")), on=["cle_adresse", "cle"], how="anti")
        near = pl.concat([near, shortened(unlike, self.areas, self.thresholds)])
        near = near.sort("s_voie", descending=True).unique(
            ["cle_adresse", "cle", "place_cle"], maintain_order=True
        )
        renamed = asked.join(near, on=["cle_adresse", "cle"]).rename({"place_cle": "cle_voisine"})
        return (
            self._candidates(renamed, "cle_voisine", "place_cle")
            .drop("cle_voisine")
            .select(*self.exact(asked.head(0)).columns)
        )

    def _candidates(self, asked: pl.DataFrame, key: str, place_key: str) -> pl.DataFrame:
        """Places under a key, in the commune; in the postal code's area when it is unknown."""
        places = self.places.with_columns(_key=pl.col(place_key))
        known = (
            asked.filter(pl.col("code_commune").is_not_null())
            .with_columns(_area=self.index.area("code_commune"))
            .join(
                places.drop("_postal"),
                left_on=["_area", key],
                right_on=["_commune", "_key"],
                coalesce=False,
            )
        )
        unknown = (
            asked.filter(pl.col("code_commune").is_null())
            .with_columns(_area=self.index.area("code_postal"))
            .join(
                places.drop("_commune"),
                left_on=["_area", key],
                right_on=["_postal", "_key"],
                coalesce=False,
            )
        )
        columns = [*asked.columns, *(name for name in places.columns if not name.startswith("_"))]
        return pl.concat([known.select(columns), unknown.select(columns)])


def _sure(candidates: pl.DataFrame) -> pl.DataFrame:
    return candidates.with_columns(s_voie=pl.lit(1.0), ressemblance=pl.lit(1.0), exige_numero=pl.lit(False))
