"""Numbers in words, ordinals and Roman figures: read as a whole, and never taken for another number."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.geocode.locate import locate
from lake.catalog.ban import ADRESSES
from scoring.geocode.numerals import figures, in_figures
from tests.unit.geocode_world import World, address, ban_rows, frame

_ONES = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit "
    "dix-neuf"
).split()
_TENS = {2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante"}


def words(number: int) -> str:
    """A number in French words (1990 spelling or not: hyphens do not count here)."""
    if number < 20:
        return _ONES[number]
    if number < 70:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (" et un" if ones == 1 else f"-{_ONES[ones]}" if ones else "")
    if number < 80:
        return "soixante et onze" if number == 71 else f"soixante-{words(number - 60)}"
    if number < 100:
        return "quatre-vingts" if number == 80 else f"quatre-vingt-{words(number - 80)}"
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        head = "cent" if hundreds == 1 else f"{_ONES[hundreds]} cent{'s' if not rest else ''}"
        return head + (f" {words(rest)}" if rest else "")
    thousands, rest = divmod(number, 1000)
    head = (
        "mille"
        if thousands == 1
        else f"{words(thousands).replace('cents', 'cent').replace('vingts', 'vingt')} mille"
    )
    return head + (f" {words(rest)}" if rest else "")


def ordinal(number: int) -> str:
    """The ordinal of a number over 1."""
    said = words(number).removesuffix("s") if number % 100 == 80 or number % 100 == 0 else words(number)
    if said.endswith("cinq"):
        return f"{said}uième"
    if said.endswith("neuf"):
        return f"{said.removesuffix('f')}vième"
    return f"{said.removesuffix('e')}ième"


def roman(number: int) -> str:
    """Roman figures."""
    signs = [
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ]
    out = ""
    for value, sign in signs:
        while number >= value:
            out, number = out + sign, number - value
    return out


def _bare(text: str) -> str:
    flat = text.upper().replace("-", " ").replace("É", "E").replace("È", "E")
    return " ".join(flat.split())


@pytest.mark.parametrize(
    "number", [*range(2, 200), 999, 1000, 1001, 1789, 1871, 1914, 1918, 1945, 2000, 2024, 9999]
)
def test_cardinals_and_ordinals_are_read_whole(number: int) -> None:
    # Alone, NEUF is "new".
    assert in_figures(f"LES {_bare(words(number))} MAI") == f"LES {number} MAI"
    assert in_figures(f"LES {_bare(ordinal(number))} MAI") == f"LES {number} MAI"


@settings(max_examples=300, deadline=None)
@given(st.integers(2, 99_999))
def test_every_number_is_read_whole(number: int) -> None:
    assert in_figures(f"LES {_bare(words(number))} MAI") == f"LES {number} MAI"


@pytest.mark.parametrize("number", range(1, 40))
def test_roman_figures_of_sovereigns_and_centuries(number: int) -> None:
    assert in_figures(f"LOUIS {roman(number)}") == f"LOUIS {number}"
    # "VIE" is a word first.
    if len(roman(number)) > 1 and number != 6:
        assert in_figures(f"{roman(number)}E SIECLE") == f"{number} SIECLE"


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("VINGT ET UN JANVIER", "21 JANVIER"),
        ("VINGT JANVIER", "20 JANVIER"),
        ("PONT NEUF", "PONT NEUF"),
        ("NEUF NOVEMBRE", "9 NOVEMBRE"),
        ("RUE NEUVE", "RUE NEUVE"),
        ("PREMIER MAI", "1 MAI"),
        ("UN MAI", "1 MAI"),
        ("RUE D UN SOIR", "RUE D UN SOIR"),
        ("SECONDE ARMEE", "2 ARMEE"),
        ("DIX NEUF CENT QUARANTE CINQ", "1945"),
        ("MIL NEUF CENT QUATORZE", "1914"),
        ("FRANCOIS IER", "FRANCOIS 1"),
        ("HENRI QUATRE", "HENRI 4"),
        ("V HUGO", "V HUGO"),
        ("GEORGES V", "GEORGES 5"),
        ("4 SEPT 1870", "4 SEPTEMBRE 1870"),
        ("VIE DES CHAMPS", "VIE DES CHAMPS"),
        ("LE MIX", "LE MIX"),
        ("DIXSEPT", "17"),
        ("SEPTANTE DEUX", "72"),
        ("NONANTE NEUF", "99"),
        # What is not a number in French is not made one.
        ("VINGT VINGT", "20 20"),
        ("TRENTE DOUZE", "30 12"),
    ],
)
def test_numerals_among_words(said: str, read: str) -> None:
    assert in_figures(said) == read
    assert in_figures(read) == read
    assert figures(pl.Series([said, None, "RUE DE LA GARE"])).to_list() == [read, None, "RUE DE LA GARE"]


# -- no number is located at another -------------------------------------------------------------------

_HERE = ("67000", "67482", "Strasbourg", None, None)
_NUMBERED = [*range(1, 40), 45, 71, 77, 80, 81, 90, 91, 97, 99, 100, 101, 120, 121, 152, 374, 1000, 1945]
_STREETS = ("Rue de la Gare", "Rue du 8 Mai 1945", "Rue Jean XXIII", "Place des Trois Rois")
_BAN = [
    (str(number), None, street, None, _HERE, 6.0 + number / 1000, 48.0 + rank / 10)
    for rank, street in enumerate(_STREETS)
    for number in _NUMBERED
]
_WRITINGS = ("figures", "zeros", "words", "roman", "sign")
_POSITIONS = (
    "column",
    "first",
    "last",
    "comma",
    "after a building",
    "before a building",
    "complement",
    "addressee",
)


def _written(number: int, writing: str) -> str:
    return {
        "figures": str(number),
        "zeros": f"{number:04d}",
        "words": words(number),
        "roman": roman(number),
        "sign": f"N° {number}",
    }[writing]


@st.composite
def _asked(draw: st.DrawFn) -> tuple[int, str, dict[str, str | None]]:
    number = draw(st.sampled_from(_NUMBERED) | st.integers(1, 400))
    said = _written(number, draw(st.sampled_from(_WRITINGS)))
    street = draw(st.sampled_from(_STREETS)).upper()
    box = draw(
        st.sampled_from(["", " BP 12", " BAT 4", " APPT 12", " 2EME ETAGE", " CS 10 012", " LOT 3", " KM 7"])
    )
    position = draw(st.sampled_from(_POSITIONS))
    columns: dict[str, str | None] = {
        "column": {"numero_voie": said, "libelle_voie": street + box},
        "first": {"libelle_voie": f"{said} {street}{box}"},
        "last": {"libelle_voie": f"{street} {said}{box}"},
        "comma": {"libelle_voie": f"{street}, {said}{box}"},
        "after a building": {"libelle_voie": f"CLINIQUE DU PARC {said} {street}{box}"},
        "before a building": {"libelle_voie": f"{said} {street} CABINET MEDICAL{box}"},
        "complement": {
            "libelle_voie": "CENTRE HOSPITALIER",
            "complement_point_geographique": f"{said} {street}{box}",
        },
        "addressee": {"complement_destinataire": f"{said} {street}{box}"},
    }[position]
    return number, street, columns


@settings(max_examples=12, deadline=None)
@given(st.lists(_asked(), min_size=30, max_size=60))
def test_nothing_is_located_at_another_number_than_the_one_said(
    asked: list[tuple[int, str, dict[str, str | None]]],
) -> None:
    world = World(**{ADRESSES.name: ban_rows(_BAN)})
    placed = locate(frame([address(**columns) for _, _, columns in asked]), world.context()).frame.to_dicts()
    for (number, street, columns), row in zip(asked, placed, strict=True):
        if row["geo_precision"] != "numero":
            continue
        assert (round((row["longitude"] - 6.0) * 1000), round((row["latitude"] - 48.0) * 10)) == (
            number,
            [one.upper() for one in _STREETS].index(street),
        ), columns


_BOXES = ("BP", "B.P.", "CS", "TSA", "CIDEX", "BAL", "BOITE", "CASE POSTALE", "Boîte postale", "BP N°")
_UNITS = (
    "BAT",
    "LOT",
    "APT",
    "APPT",
    "RES",
    "ETAGE",
    "KM",
    "ENTREE",
    "ESC",
    "PORTE",
    "TOUR",
    "HALL",
    "IMM",
    "LOCAL",
)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*_BOXES, *_UNITS]),
            st.sampled_from(_NUMBERED),
            st.sampled_from(
                ["numero_voie", "indice_repetition_voie", "before", "after", "mention", "complement"]
            ),
            st.sampled_from(["", " "]),
        ),
        min_size=30,
        max_size=60,
    )
)
def test_a_box_or_a_flat_is_never_a_house(asked: list[tuple[str, int, str, str]]) -> None:
    rows = []
    for name, number, where, space in asked:
        said = f"{name}{space}{number}"
        columns = {
            "numero_voie": {"numero_voie": said, "libelle_voie": "RUE DE LA GARE"},
            "indice_repetition_voie": {"indice_repetition_voie": said, "libelle_voie": "RUE DE LA GARE"},
            "before": {"libelle_voie": f"{said}, RUE DE LA GARE"},
            "after": {"libelle_voie": f"RUE DE LA GARE {said}"},
            "mention": {"libelle_voie": "RUE DE LA GARE", "mention_distribution": said},
            "complement": {"libelle_voie": "RUE DE LA GARE", "complement_point_geographique": said},
        }[where]
        rows.append(address(**columns))
    placed = locate(frame(rows), World(**{ADRESSES.name: ban_rows(_BAN)}).context()).frame
    found = zip(asked, placed["geo_precision"].to_list(), strict=True)
    assert [one for one, precision in found if precision != "rue"] == []
