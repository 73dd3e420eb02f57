"""Lists of communes: read as people write them, nothing lost."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.errors import LakeError
from scoring.annuaire.territory import of_mesh, partners, read_codes, resolve

COMMUNES = pl.DataFrame(
    {
        "code_commune": ["08053", "08439", "67482", "2A004"],
        "code_departement": ["08", "08", "67", "2A"],
        "siren_epci": ["200041630", "200041630", "246700488", None],
    }
)
FUSIONS = pl.DataFrame(
    {"ancien_code_commune": ["08300", "08999", "08294"], "code_commune": ["08439", "08300", "08053"]}
)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("67482\n08439\n", ["67482", "08439"]),
        ("67482, 08439;8053\t2a004", ["67482", "08439", "08053", "2A004"]),
        ("\ufeffcode_insee\n67482\n", ["67482"]),
        ("nom;code_commune\nStrasbourg;67482\nBazeilles;8053\n", ["67482", "08053"]),
        ("commune,insee,habitants\nStrasbourg,67482,291313\n", ["67482"]),
        ('"67482","Strasbourg"\n"08439","Vrigne"\n', ["67482", "08439"]),
        ("Communes retenues\n67482\n08439", ["67482", "08439"]),
        ("", []),
        ("  \n", []),
    ],
)
def test_lists_are_read_as_people_write_them(text: str, codes: list[str]) -> None:
    assert read_codes(text) == codes


@given(st.text(alphabet='0123456789AB ab\n\t;,|"\ufeffé', max_size=60))
def test_any_text_can_be_read(text: str) -> None:
    assert all(code.strip() for code in read_codes(text))


@given(
    st.lists(st.from_regex(r"(2[AB]|[0-9]{2})[0-9]{3}", fullmatch=True), min_size=1, max_size=9),
    st.sampled_from(["\n", " ", ", ", ";", "\t", "|", "\r\n"]),
)
def test_codes_come_back_whatever_separates_them(codes: list[str], separator: str) -> None:
    assert read_codes(separator.join(codes)) == codes


def test_what_became_of_each_code_is_said() -> None:
    found = resolve(["67482", "99999", "08300", "08439", "08999", "08294", "Metz"], COMMUNES, FUSIONS)
    assert found.communes == ("08053", "08439", "67482")
    assert found.inconnus == ("99999", "METZ")
    assert found.traduits == {"08300": "08439", "08999": "08439", "08294": "08053"}
    assert found.doublons == ("08439",)
    assert found.sentences() == [
        "2 codes inconnus, laissés de côté : 99999, METZ.",
        "3 communes fusionnées, traduites : 08294 → 08053, 08300 → 08439, 08999 → 08439.",
        "1 commune en double : 08439.",
    ]
    assert resolve(["67482"], COMMUNES, FUSIONS).sentences() == []
    assert len({found, resolve(list(found.communes), COMMUNES, FUSIONS)}) == 2  # may key a cache


def test_communes_outside_the_ingested_departements_are_unknown() -> None:
    assert resolve(["67482", "08439"], COMMUNES, FUSIONS, ["67"]).inconnus == ("08439",)


@pytest.mark.parametrize(
    ("codes", "said"),
    [([], "vide"), (["67000", "57000"], "codes postaux"), (["67482"] * 40_001, "plus que la France")],
)
def test_useless_lists_are_refused(codes: list[str], said: str) -> None:
    with pytest.raises(LakeError, match=said):
        resolve(codes, COMMUNES, FUSIONS)


def test_an_official_territory_is_its_communes() -> None:
    assert of_mesh(COMMUNES, "epci", "200041630").communes == ("08053", "08439")
    assert (of_mesh(COMMUNES, "commune", "67482").maille, of_mesh(COMMUNES, "commune", "67482").code) == (
        "commune",
        "67482",
    )
    with pytest.raises(LakeError, match="canton"):
        of_mesh(COMMUNES, "canton", "1")
    with pytest.raises(LakeError, match="000000000"):
        of_mesh(COMMUNES, "epci", "000000000")


def test_partner_territories_are_the_communes_of_their_epci() -> None:
    partenaires = pl.DataFrame(
        {"code": ["ardennes", "ardennes", "alsace"], "siren_epci": ["200041630", "999999999", "246700488"]}
    )
    assert partners(partenaires, COMMUNES).rows() == [
        ("67482", "alsace"),
        ("08053", "ardennes"),
        ("08439", "ardennes"),
    ]
