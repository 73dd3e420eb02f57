"""One spelling for many: hand-worked cases, and what normalisation must never do."""

from __future__ import annotations

import unicodedata

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.geocode.locate import locate
from scoring.geocode.addresses import normalise_addresses
from scoring.geocode.labels import commune_label
from scoring.geocode.mentions import canonical_repetition, repetition_class
from scoring.geocode.normalise import expand, plain, street_keys, street_name
from scoring.geocode.protocol import ADDRESS_SCHEMA
from scoring.geocode.vocabulary import WAYS, WORDS
from tests.examples import examples
from tests.unit.geocode_world import World, address, frame


def _apply(function: object, *texts: str | None) -> list[str | None]:
    series = pl.DataFrame({"t": list(texts)}, schema={"t": pl.String})
    if function is street_keys:
        return street_keys(series["t"]).to_list()
    return series.select(function(pl.col("t")))["t"].to_list()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Rue de l'Œuvre-Notre-Dame", "RUE DE L OEUVRE NOTRE DAME"),
        ("  Çà   et là, n° 5 ! ", "CA ET LA N 5"),
        ("Straße", "STRASSE"),
        ("Lætitia", "LAETITIA"),
        ("É", "E"),
        ("", None),
        (" .-/ ", None),
        (None, None),
    ],
)
def test_plain_words(written: str | None, expected: str | None) -> None:
    assert _apply(plain, written) == [expected]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Rue de la Gare", "RUE GARE"),
        ("R. DE LA GARE", "RUE GARE"),
        ("bd du Gal Leclerc", "BOULEVARD GENERAL LECLERC"),
        ("AV MAL FOCH", "AVENUE MARECHAL FOCH"),
        ("ALL CDT CHARCOT", "ALLEE COMMANDANT CHARCOT"),
        ("PL DU PDT KENNEDY", "PLACE PRESIDENT KENNEDY"),
        ("SQ DU DR SCHWEITZER", "SQUARE DOCTEUR SCHWEITZER"),
        ("RTE DU PR CALMETTE", "ROUTE PROFESSEUR CALMETTE"),
        ("IMP STE ODILE", "IMPASSE SAINTE ODILE"),
        ("CHE DES VIGNES", "CHEMIN VIGNES"),
        ("Grand'Rue", "GRAND RUE"),
        ("GRANDE RUE", "GRAND RUE"),
        ("GR", "GRAND RUE"),
        ("Rue du Dix-Huit Juin", "RUE 18 JUIN"),
        ("Rue du 1er Mai", "RUE 1 MAI"),
        ("rue du Premier Mai", "RUE 1 MAI"),
        ("RD PT DES LILAS", "ROND POINT LILAS"),
        ("RN4", "ROUTE NATIONALE 4"),
        ("RD 1083", "ROUTE DEPARTEMENTALE 1083"),
        ("R DE LA 2EME DB", "RUE 2 DIVISION BLINDEE"),
        ("ZA DU MOULIN", "ZONE ARTISANALE MOULIN"),
        ("PARC D'ACTIVITES DU RHIN", "ZONE ACTIVITE RHIN"),
        ("Le", "LE"),
        ("LA PLACE", "PLACE"),
        # The shortest abbreviations are kinds of way at the start only.
        ("RUE DU R", "RUE R"),
    ],
)
def test_street_keys(written: str, key: str) -> None:
    assert _apply(street_keys, written) == [key]


def test_name_without_its_kind() -> None:
    keys = ["RUE GARE", "GRAND RUE", "CHEMIN RURAL BOIS", "RUE", "GARE", "ZONE INDUSTRIELLE NORD"]
    assert _apply(street_name, *keys) == ["GARE", "GRAND RUE", "BOIS", "RUE", "GARE", "NORD"]


def test_tables_of_abbreviations_do_not_contradict_one_another() -> None:
    shorts = [short for shorts in WAYS.values() for short in shorts]
    assert len(shorts) == len(set(shorts))
    # What a word becomes is written in its last form, and so are the kinds of way.
    assert not set(WORDS.values()) & set(WORDS)
    assert _apply(expand, *WAYS) == list(WAYS)


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("67091 STRASBOURG CEDEX 9", "STRASBOURG"),
        ("STRASBOURG CEDEX", "STRASBOURG"),
        ("Le Ban-Saint-Martin", "BAN SAINT MARTIN"),
        ("L'Épine", "EPINE"),
        ("CHALONS S/MARNE", "CHALONS SUR MARNE"),
        ("Lyon 3e Arrondissement", "LYON"),
        ("MARSEILLE 08", "MARSEILLE"),
        ("Les", "LES"),
        ("", None),
    ],
)
def test_commune_labels(written: str, label: str | None) -> None:
    assert _apply(commune_label, written) == [label]


def test_repetition_indices() -> None:
    written = ("bis", "B", "Ter", "QUATER", "a", "a bis", "A-2", " ", "12", None)
    canonical = ["BIS", "B", "TER", "QUATER", "A", "ABIS", "A2", None, None, None]
    assert _apply(canonical_repetition, *written) == canonical
    # B and BIS mean the same where only one of them is; A1 and A2, QUINQUIES and SEXIES never do.
    alike = ["B", "B", "T", "Q", "A", "AB", "A2", "QUINQUIES", "SEXIES"]
    assert _apply(repetition_class, *canonical[:7], "QUINQUIES", "SEXIES") == alike


def test_normalised_address_in_full() -> None:
    rows = frame(
        [
            address(
                numero_voie="12-14",
                indice_repetition_voie="bis",
                libelle_type_voie="Rue",
                libelle_voie="de la Gare, BP 12",
                complement_point_geographique="Bât. B",
                code_postal="8000",
                libelle_commune_source="CHARLEVILLE-MEZIERES CEDEX",
                code_commune="08105",
                code_departement="08",
            )
        ]
    )
    found = normalise_addresses(rows).to_dicts()[0]
    assert len(found.pop("cle_adresse")) == 32
    assert found == {
        "adresse": "12-14 BIS RUE DE LA GARE 08000 CHARLEVILLE MEZIERES",
        "numero": 12,
        "numero_fin": 14,
        "repetition": "BIS",
        "voie": "RUE DE LA GARE",
        "voie_bis": None,
        "marquee": None,
        # A building is no place of its own.
        "ailleurs": None,
        "contexte": None,
        "code_postal": "08000",
        "libelle_commune": "CHARLEVILLE MEZIERES",
        "code_commune_source": None,
        "code_commune": "08105",
        "code_departement": "08",
    }


def test_the_same_address_has_the_same_key_and_another_has_not() -> None:
    same = [
        address(numero_voie="12", libelle_type_voie="Rue", libelle_voie="de la Gare"),
        address(libelle_voie="12, RUE DE LA GARE"),
        address(numero_voie="0012", libelle_type_voie="RUE", libelle_voie="De La Gare CEDEX"),
    ]
    other = [
        address(numero_voie="14", libelle_type_voie="Rue", libelle_voie="de la Gare"),
        address(numero_voie="12", libelle_type_voie="Rue", libelle_voie="de la Gare", code_commune="67180"),
    ]
    keys = normalise_addresses(frame(same + other))["cle_adresse"].to_list()
    assert len(set(keys[:3])) == 1
    assert len(set(keys)) == 3


def test_key_is_stable_from_one_version_to_the_next() -> None:
    # Remembered in the lake: were it to change, every address would be searched again.
    keys = normalise_addresses(frame([address(libelle_voie="12 RUE DE LA GARE")]))["cle_adresse"]
    assert keys.to_list() == ["15135a81f710a4e8f82dcd0e35b35549"]


_TEXTS = st.text(
    st.sampled_from("abcdeéèçœßñ ABCDERSTUV'-/.,0123456789ºª№½ΑЖ漢\u0301"), max_size=30
) | st.lists(
    st.sampled_from([*WORDS, *WAYS, *(s for v in WAYS.values() for s in v), "DE", "LA", "S", "GARE", "8"]),
    max_size=6,
).map(" ".join)


@settings(max_examples=examples(80, 300), deadline=None)
@given(st.lists(_TEXTS, min_size=1, max_size=8))
def test_normalisation_is_idempotent(texts: list[str]) -> None:
    for function in (plain, street_keys, commune_label):
        once = _apply(function, *texts)
        assert _apply(function, *once) == once


@settings(max_examples=examples(80, 200), deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=8))
def test_plain_text_is_upper_case_ascii_words(texts: list[str]) -> None:
    for found in _apply(plain, *texts):
        if found is not None:
            assert found == " ".join(found.split())
            assert all(letter == " " or (letter.isascii() and letter.isalnum()) for letter in found)
            assert found == found.upper()


@settings(max_examples=examples(25, 50), deadline=None)
@given(st.lists(st.tuples(*[st.none() | _TEXTS] * 4), min_size=1, max_size=8), st.data())
def test_addresses_keep_height_order_and_shape(
    rows: list[tuple[str | None, ...]], data: st.DataObject
) -> None:
    names = ("numero_voie", "indice_repetition_voie", "libelle_type_voie", "libelle_voie")
    given_rows = frame([address(**dict(zip(names, row, strict=True))) for row in rows])
    found = normalise_addresses(given_rows)
    assert found.schema == ADDRESS_SCHEMA
    assert found.height == len(rows)
    # A row's normalisation does not depend on its neighbours.
    position = data.draw(st.integers(0, len(rows) - 1))
    assert normalise_addresses(given_rows[position]).equals(found[position])


# -- damage that must not change where an address is found ---------------------------------------------

_STREETS = [
    ("12", "", "Rue", "de la Gare"),
    ("12", "bis", "Rue", "de la Gare"),
    ("1", "", "Place", "Kléber"),
    ("10", "", "Avenue", "du Général de Gaulle"),
    ("3", "", "Rue", "Saint-Étienne"),
    ("8", "", "Rue", "du Docteur Albert Schweitzer"),
    ("9", "", "Place", "de l'Hôpital"),
    ("31", "a", "Impasse", "de l'Œuvre Notre-Dame"),
]
_SHORT = {
    "Rue": ["R", "RU", "rue", "R."],
    "Place": ["PL", "PLA", "place"],
    "Avenue": ["AV", "AVE", "Av."],
    "Impasse": ["IMP", "Imp."],
}
_TITLES = {"Général": "Gal", "Docteur": "Dr", "Saint": "St"}


def _unaccented(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.replace("Œ", "OE").replace("œ", "oe"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@st.composite
def _damaged(draw: st.DrawFn) -> tuple[int, dict[str, str | None]]:
    which = draw(st.integers(0, len(_STREETS) - 1))
    number, index, kind, name = _STREETS[which]
    if draw(st.booleans()):
        for title, short in _TITLES.items():
            name = name.replace(title, short)
    kind = draw(st.sampled_from([kind, *_SHORT[kind]]))
    if draw(st.booleans()):
        name = _unaccented(name)
    name = draw(st.sampled_from([name, name.upper(), name.lower(), name.replace("-", " ").replace("'", " ")]))
    if draw(st.booleans()):
        name = name.replace(" ", "  ")
    joined = draw(st.sampled_from(["columns", "index with number", "one column"]))
    if joined == "one column":
        return which, {"libelle_voie": f"{number}{index and ' ' + index} {kind} {name}"}
    if joined == "index with number":
        return which, {"numero_voie": f"{number}{index}", "libelle_type_voie": kind, "libelle_voie": name}
    return which, {
        "numero_voie": number.zfill(draw(st.integers(1, 4))),
        "indice_repetition_voie": index or None,
        "libelle_type_voie": kind,
        "libelle_voie": name,
    }


@settings(max_examples=15, deadline=None)
@given(st.lists(_damaged(), min_size=20, max_size=60))
def test_damage_of_spelling_changes_no_match(cases: list[tuple[int, dict[str, str | None]]]) -> None:
    whole = [
        address(numero_voie=n, indice_repetition_voie=i or None, libelle_type_voie=k, libelle_voie=v)
        for n, i, k, v in _STREETS
    ]
    rows = frame([*whole, *(address(**columns) for _, columns in cases)])
    placed = locate(rows, World().context()).frame.select("longitude", "latitude", "geo_precision").rows()
    sound, damaged = placed[: len(whole)], placed[len(whole) :]
    assert all(precision == "numero" for _, _, precision in sound)
    assert damaged == [sound[which] for which, _ in cases]
