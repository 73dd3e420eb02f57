"""Labels of communes as registers write them, against the communes of the packaged reference."""

from __future__ import annotations

import polars as pl
import pytest

from ingest.sources.territoires.reference import load
from scoring.geocode.communes import CLUES, attach_communes, clean_postal_code, departement_of_commune

# postal code, label -> commune
LABELS = """
67000 STRASBOURG -> 67482
67000 67000 STRASBOURG -> 67482
67000 F-67000 STRASBOURG -> 67482
67000 67-STRASBOURG -> 67482
67000 67 STRASBOURG -> 67482
67000 67 000 STRASBOURG -> 67482
67000 67000STRASBOURG -> 67482
67000 STRASBOURG 67000 -> 67482
67000 STRASBOURG (67) -> 67482
67000 STRASBOURG (BAS-RHIN) -> 67482
67000 STRASBOURG FRANCE -> 67482
67089 STRASBOURG CEDEX -> 67482
67089 STRASBOURG CEDEX9 -> 67482
67089 STRASBOURG CEDX 9 -> 67482
67089 STRASBOURG CDX -> 67482
67089 STRASBOURG CÉDEX 09 -> 67482
67089 STRASBOURG CEDEX 2 FRANCE -> 67482
67089 CEDEX 9 STRASBOURG -> 67482
67100 STRASBOURG NEUDORF -> 67482
67200 STRASBOURG-CRONENBOURG -> 67482
67091 STRASBOURG MEINAU CEDEX -> 67482
67000 Ville de Strasbourg -> 67482
67000 COMMUNE DE STRASBOURG -> 67482
67000 STRASBOUG -> 67482
88100 ST DIE -> 88413
88100 SAINT-DIE -> 88413
88100 ST DIE DES VOSGES -> 88413
88107 ST DIE CEDEX -> 88413
88100 ST DIE DES V -> 88413
51000 CHALONS EN CHAMP -> 51108
51000 CHALONS -> 51108
51000 CHALONS S/ MARNE -> 51108
51022 CHALONS SUR MARNE CEDEX -> 51108
54000 NANCY (54) -> 54395
54000 NANCY 54 -> 54395
54500 VANDOEUVRE LES NANCY -> 54547
54500 VANDŒUVRE-LEZ-NANCY -> 54547
54500 VANDOEUVRE -> 54547
54519 VANDOEUVRE CEDEX -> 54547
57050 BAN ST MARTIN (LE) -> 57049
57050 LE BAN-ST-MARTIN -> 57049
68240 SIGOLSHEIM -> 68162
68240 KAYSERSBERG -> 68162
68240 KIENTZHEIM -> 68162
67440 SINGRIST -> 67004
68350 DIDENHEIM -> 68056
88150 CAPAVENIR VOSGES -> 88465
88150 THAON LES VOSGES -> 88465
08000 CHARLEVILLE MEZ -> 08105
8000 CHARLEVILLE-MEZIERES -> 08105
52000 CHAUMONT -> 52121
10000 TROYES CEDEX -> 10387
55000 BAR LE DUC CEDEX -> 55029
55000 BAR-LE-DUC (MEUSE) -> 55029
10200 BAR S/AUBE -> 10033
10110 BAR S/SEINE -> 10034
88000 EPINAL - LA VIERGE -> 88160
68200 MULHOUSE DORNACH -> 68224
57070 METZ BORNY -> 57463
57600 METZ -> 57463
55100 VERDUN SUR MEUSE -> 55545
55100 VERDUN S/MEUSE -> 55545
67400 ILLKIRCH -> 67218
67401 ILLKIRCH CEDEX -> 67218
54700 PONT A M. -> 54431
88340 VAL D'AJOL (LE) -> 88487
57500 ST AVOLD -> 57606
57800 MERLEBACH -> 57240
68160 STE MARIE A/M -> 68298
10120 ST ANDRE -> 10333
54140 JARVILLE -> 54274
51300 VITRY ->
67500 MARIENTHAL ->
10100 ROMILLY S SEINE -> 10323
67000 ZZYZX -> 67482
57050 ZZYZX ->
88999 ST DIE SUR MER ->
57999 BOURG ->
"""


@pytest.fixture(scope="module")
def attached() -> dict[str, tuple[str | None, str | None]]:
    """Every label attached in one go."""
    rows = []
    for line in LABELS.strip().splitlines():
        said, _, expected = line.partition("->")
        postal, _, label = said.strip().partition(" ")
        rows.append((line, postal, label, expected.strip() or None))
    reference = load()
    frame = pl.DataFrame(
        [
            {**dict.fromkeys(CLUES), "code_postal": postal, "libelle_commune_source": label}
            for _, postal, label, _ in rows
        ],
        schema=dict.fromkeys(CLUES, pl.String),
    )
    found = attach_communes(frame, reference.communes, reference.codes_postaux, reference.fusions)
    answers = found["code_commune"].to_list()
    return {line: (answer, expected) for (line, _, _, expected), answer in zip(rows, answers, strict=True)}


@pytest.mark.parametrize("line", LABELS.strip().splitlines())
def test_label_leads_to_its_commune(attached: dict[str, tuple[str | None, str | None]], line: str) -> None:
    found, expected = attached[line]
    assert found == expected


def test_town_glued_to_its_postal_code_is_read_in_that_column() -> None:
    reference = load()
    frame = pl.DataFrame(
        [
            {**dict.fromkeys(CLUES), "code_postal": code}
            for code in ("67000STRASBOURG", "57050METZ", "F-57050 METZ")
        ],
        schema=dict.fromkeys(CLUES, pl.String),
    )
    found = attach_communes(frame, reference.communes, reference.codes_postaux, reference.fusions)
    assert found["code_commune"].to_list() == ["67482", "57463", "57463"]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("67000", "67000"),
        (" 67 000 ", "67000"),
        ("F-67000", "67000"),
        ("FR67000", "67000"),
        ("67000.0", "67000"),
        ("8000", "08000"),
        ("67000 STRASBOURG", "67000"),
        ("67000STRASBOURG", "67000"),
        ("D-67000", None),
        ("CH-1200", None),
        ("670001", None),
        ("67", None),
        ("", None),
        (None, None),
    ],
)
def test_postal_codes(written: str | None, code: str | None) -> None:
    column = pl.DataFrame({"c": [written]}, schema={"c": pl.String})
    assert column.select(clean_postal_code(pl.col("c"))).item() == code


@pytest.mark.parametrize(
    ("commune", "departement"),
    [
        ("97801", "978"),
        ("97701", "977"),
        ("97127", "978"),
        ("97123", "977"),
        ("97105", "971"),
        ("98735", "987"),
    ],
)
def test_collectivities_that_left_guadeloupe_keep_their_own_department(
    commune: str, departement: str
) -> None:
    column = pl.DataFrame({"c": [commune]})
    assert column.select(departement_of_commune(pl.col("c"))).item() == departement
