"""Approximate street names: what stands out, what is nearly two streets, and what never changes."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.geocode.locate import locate
from scoring.geocode.addresses import normalise_addresses
from scoring.geocode.approximate import (
    APPROXIMATION_SCHEMA,
    approximate,
    letters,
    short_name,
    standing_out,
)
from scoring.geocode.index import build_index
from scoring.geocode.matching import match
from scoring.geocode.normalise import plain, street_keys, street_name
from scoring.geocode.scores import COMPONENTS, THRESHOLDS
from tests.examples import examples
from tests.unit.geocode_world import World, address, ban_rows, frame


def _keys(names: list[str], **more: object) -> pl.DataFrame:
    return (
        pl.DataFrame({"nom": names, **more})
        .with_columns(cle=street_keys(pl.Series(names)), mots=plain(pl.col("nom")))
        .with_columns(cle_nom=street_name(pl.col("cle")))
    )


def _found(asked: str, *streets: str, number: bool = False) -> tuple[str, float] | None:
    """The street that one asked for is taken for, among those of its commune.

    With ``number``, the number asked is taken for one of every street's.
    """
    places = _keys(list(streets)).with_columns(code_commune=pl.lit("67482"), code_postal=pl.lit("67000"))
    queries = _keys([asked], cle_adresse=["a"]).with_columns(
        code_commune=pl.lit("67482"), code_postal=pl.lit("67000")
    )
    near = approximate(queries, places, THRESHOLDS)
    assert near.schema == APPROXIMATION_SCHEMA
    found = standing_out(near.filter(~pl.col("exige_numero") | number), THRESHOLDS)
    assert found.height <= 1
    return None if found.is_empty() else (found["place_cle"][0], found["s_voie"][0])


@pytest.mark.parametrize(
    ("asked", "streets", "expected", "score"),
    [
        ("Rue des Tileuls", ["Rue des Tilleuls", "Rue des Lilas"], "RUE TILLEULS", 1 - 1.2 / 8),
        ("Rue des Tileuls", ["Rue des Tilleuls", "Place des Tilleuls"], "RUE TILLEULS", 1 - 1.2 / 8),
        ("Tileuls", ["Rue des Tilleuls"], "RUE TILLEULS", 1 - 1.2 / 8),
        ("Rue Marechal Joffer", ["Rue du Maréchal Joffre"], "RUE MARECHAL JOFFRE", 1 - 1.2 / 15),
        ("Rue Hugo Victor", ["Rue Victor Hugo"], "RUE VICTOR HUGO", 0.95),
        ("Rue Hugo Victo", ["Rue Victor Hugo"], "RUE VICTOR HUGO", 0.95 - 1.2 / 11),
        ("Rue Leclerc", ["Rue du Général Leclerc"], "RUE GENERAL LECLERC", 0.86),
        ("Rue du Gal Leclerc", ["Rue Leclerc"], "RUE LECLERC", 0.86),
        ("Rue Clemenceau", ["Rue Georges Clemenceau"], "RUE GEORGES CLEMENCEAU", 0.86),
        # A title on one side, a first name on the other.
        ("Rue du Docteur Schweitzer", ["Rue Albert Schweitzer"], "RUE ALBERT SCHWEITZER", 0.86),
        ("Rue du Docteur Albert Schweitzer", ["Rue Albert Schweitzer"], "RUE ALBERT SCHWEITZER", 0.86),
        # The error is in the article.
        ("Rue dse Tilleuls", ["Rue des Tilleuls"], "RUE TILLEULS", 1 - 1.2 / 12),
        # An error that makes an abbreviation: DB stands for a "division blindée".
        ("Rue db Ruisseau", ["Rue du Ruisseau"], "RUE RUISSEAU", 1 - 1.2 / 25),
        # The article tells which of two.
        ("Rue des Charme", ["Rue des Charmes", "Rue du Charmet"], "RUE CHARMES", 1 - 1.2 / 7),
        ("Rue Grande", ["Grande Rue"], "GRAND RUE", 0.95),
        ("Rue 1945 du 8 Mai", ["Rue du 8 Mai 1945"], "RUE 8 MAI 1945", 0.95),
    ],
)
def test_a_street_stands_out(asked: str, streets: list[str], expected: str, score: float) -> None:
    assert _found(asked, *streets) == (expected, pytest.approx(score))


@pytest.mark.parametrize(
    ("asked", "streets"),
    [
        # Too short to tell an error from another name.
        ("Rue du Port", ["Rue du Pont"]),
        # Nearly two streets.
        ("Rue des Charme", ["Rue des Charmes", "Rue des Charmet"]),
        ("Rue Leclerc", ["Rue du Général Leclerc", "Rue du Docteur Leclerc"]),
        # Another number in the name, another kind, another name.
        ("Rue du 19 Mars 1962", ["Rue du 18 Mars 1962"]),
        ("Rue des Tileuls", ["Allée des Tilleuls"]),
        ("Rue des Marronniers", ["Rue des Tilleuls"]),
        # Nothing but a first name is left.
        ("Rue du Docteur", ["Rue du Général"]),
        ("Rue Jean", ["Rue Paul"]),
    ],
)
def test_no_street_stands_out(asked: str, streets: list[str]) -> None:
    assert _found(asked, *streets) is None


@pytest.mark.parametrize(
    ("asked", "streets", "expected", "score"),
    [
        # One error in a short name, three in a longer one: the number is the other evidence.
        ("Rue du Port", ["Rue du Pont"], "RUE PONT", 1 - 1.2 / 4),
        ("Rue de la Tiulreei", ["Rue de la Tuilerie"], "RUE TUILERIE", 1 - 3 * 1.2 / 8),
        # The nearer of two; of two as near, the one that resembles it more.
        ("Rue du Font", ["Rue du Pont", "Rue du Front"], "RUE FRONT", 1 - 1.2 / 5),
        ("Rue des Tilleus", ["Rue des Tilleuls", "Rue des Filleuls"], "RUE TILLEULS", 1 - 1.2 / 8),
    ],
)
def test_a_number_bears_a_doubtful_name_out(
    asked: str, streets: list[str], expected: str, score: float
) -> None:
    assert _found(asked, *streets) in (None, (expected, pytest.approx(score)))
    assert _found(asked, *streets, number=True) == (expected, pytest.approx(score))


@pytest.mark.parametrize(
    ("asked", "streets"),
    [
        ("Rue des Charme", ["Rue des Charmes", "Rue des Charmet"]),
        ("Rue des Tileuls", ["Allée des Tilleuls"]),
        ("Rue du 19 Mars 1962", ["Rue du 18 Mars 1962"]),
        ("Rue du Bac", ["Rue du Roi"]),
        # Another first name, another title: another person.
        ("Rue Antoine Humbert", ["Rue Denis Humbert"]),
        ("Rue du Général Humbert", ["Rue du Docteur Humbert"]),
        ("Rue des Marronniers", ["Rue des Tilleuls"]),
    ],
)
def test_a_number_does_not_make_another_street_out(asked: str, streets: list[str]) -> None:
    assert _found(asked, *streets, number=True) is None


@settings(max_examples=60, deadline=None)
@given(st.text("ABCDE ", max_size=12), st.integers(0, 11), st.sampled_from("ABCDEFZ"), st.integers(0, 3))
def test_an_edit_changes_two_letters_at_most(name: str, at: int, letter: str, kind: int) -> None:
    at = min(at, len(name))
    edited = (
        name[:at] + letter + name[at:],
        name[:at] + name[at + 1 :],
        name[:at] + letter + name[at + 1 :],
        name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
    )[kind]
    bits = letters(pl.Series([name, edited]))
    assert (bits[0] ^ bits[1]).bit_count() <= 2
    assert sum(bits[0] >> i & 1 for i in range(26)) == len(set(name) - {" "})


def test_other_communes_are_never_compared() -> None:
    places = _keys(["Rue des Tilleuls"]).with_columns(
        code_commune=pl.lit("57463"), code_postal=pl.lit("57000")
    )
    queries = _keys(["Rue des Tileuls"], cle_adresse=["a"]).with_columns(
        code_commune=pl.lit("67482"), code_postal=pl.lit("57000")
    )
    assert approximate(queries, places, THRESHOLDS).is_empty()
    unknown = queries.with_columns(code_commune=pl.lit(None, pl.String))
    assert approximate(unknown, places, THRESHOLDS)["place_cle"].to_list() == ["RUE TILLEULS"]


def test_names_without_titles_and_first_names() -> None:
    names = pl.DataFrame(
        {"n": ["DOCTEUR ALBERT SCHWEITZER", "GENERAL GAULLE", "JEAN", "FOCH", "ABBE PIERRE", "NOE"]}
    )
    assert names.select(short_name(pl.col("n")))["n"].to_list() == [
        "SCHWEITZER",
        "GAULLE",
        "JEAN",
        "FOCH",
        "ABBE PIERRE",
        None,
    ]


def test_components_are_kept_and_their_product_is_the_score() -> None:
    rows = frame(
        [
            address(numero_voie="8", libelle_voie="RUE DU DOCTEUR ALBER SCHWEITZER"),
            address(numero_voie="14T", libelle_voie="RUE DE LA GARE"),
            address(libelle_voie="RUE DE LA GARE 12"),
        ]
    )
    index = build_index(ban_rows().filter(pl.col("code_departement") == "67"), {})
    explained = match(normalise_addresses(rows), index, explain=True)
    product = explained.select(pl.fold(pl.lit(1.0), lambda a, b: a * b, [pl.col(c) for c in COMPONENTS]))
    assert explained["geo_score"].to_list() == pytest.approx(product.to_series().to_list())
    by_label = {row["libelle_trouve"]: row for row in explained.to_dicts()}
    assert by_label["14 Rue de la Gare, 67000 STRASBOURG"]["s_numero"] == 0.9
    assert by_label["12 Rue de la Gare, 67000 STRASBOURG"]["lecture"] == "numero_en_queue"


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LONG = ["Rue du Docteur Albert Schweitzer", "Boulevard de la Victoire", "Impasse de l'Œuvre Notre-Dame"]
_NUMBERS = {0: ("8", None), 1: ("7", "TER"), 2: ("31", "A")}


@settings(max_examples=examples(25, 60), deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.floats(0, 0.999), st.sampled_from(_LETTERS)), min_size=5, max_size=25
    )
)
def test_one_typing_error_in_a_long_name_still_finds_the_number(errors: list[tuple[int, float, str]]) -> None:
    truth, rows = [], []
    for which, where, letter in errors:
        kind, name = _LONG[which].split(" ", 1)
        # The error falls on a letter of the last word, never on the kind of way.
        start = name.rindex(" ") + 1 if which != 2 else name.rindex("-") + 1
        position = start + int(where * (len(name) - start))
        damaged = name[:position] + letter + name[position + 1 :]
        number, index = _NUMBERS[which]
        rows.append(
            address(
                numero_voie=number, indice_repetition_voie=index, libelle_type_voie=kind, libelle_voie=damaged
            )
        )
        truth.append(
            address(
                numero_voie=number, indice_repetition_voie=index, libelle_type_voie=kind, libelle_voie=name
            )
        )
    columns = ["geo_precision", "longitude", "latitude"]
    located = locate(frame([*rows, *truth]), World().context()).frame.select(columns).rows()
    found, expected = located[: len(rows)], located[len(rows) :]
    assert found == expected
    assert {row[0] for row in found} == {"numero"}
