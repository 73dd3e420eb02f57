"""What holds of any address, however it is written."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.geocode.locate import locate
from lake.catalog.annuaire import MOTIFS, PRECISIONS, PRECISIONS_LOCALISEES
from lake.catalog.ban import GEOCODAGE
from tests.examples import examples
from tests.unit.geocode_world import World, address, communes, frame

_WORDS = st.sampled_from(
    "rue r de la du gare kléber place pl docteur albert schweitzer saint st étienne grand'rue église 8 mai 1945 "
    "12 12bis 5 n° bis cedex bp 123 lieu-dit forge ferme pont romains rte metz verdun basse x - é".split()
)
_STREETS = st.none() | st.lists(_WORDS, max_size=7).map(" ".join) | st.text(max_size=12)
_NUMBERS = st.sampled_from(
    [None, "", "1", "12", "12 bis", "12B", "12-14", "5", "6", "150", "0", "99999", "A"]
)
_KINDS = st.sampled_from([None, "", "Rue", "R", "Place", "Grande Rue", "Lieu-dit", "Zone industrielle", "?"])
_PLACES = st.sampled_from(
    [
        ("67482", "67000", "67"),
        ("67482", "67091", "67"),
        ("67372", "67350", "67"),
        ("67900", None, "67"),
        ("57463", "57050", "57"),
        ("88160", "88000", "88"),
        (None, "57050", "57"),
        (None, "67000", None),
        (None, None, None),
    ]
)


@st.composite
def _addresses(draw: st.DrawFn) -> Mapping[str, str | None]:
    code_commune, code_postal, departement = draw(_PLACES)
    return address(
        numero_voie=draw(_NUMBERS),
        indice_repetition_voie=draw(st.sampled_from([None, "", "B", "bis", "TER", "z"])),
        libelle_type_voie=draw(_KINDS),
        libelle_voie=draw(_STREETS),
        complement_point_geographique=draw(st.none() | _STREETS),
        libelle_commune_source=draw(st.sampled_from([None, "STRASBOURG", "RINGELDORF", "METZ"])),
        code_commune=code_commune,
        code_postal=code_postal,
        code_departement=departement,
    )


@settings(max_examples=examples(25, 60), deadline=None)
@given(st.lists(_addresses(), max_size=25))
def test_whatever_the_address(rows: list[Mapping[str, str | None]]) -> None:
    given_rows = frame(rows)
    located = locate(given_rows, World().context())
    assert located.frame.select(given_rows.columns).equals(given_rows)
    assert GEOCODAGE.conform(located.memory).rejects.is_empty()
    centres = {code for code, longitude in communes().select("code_commune", "longitude").rows() if longitude}
    for row in located.frame.to_dicts():
        precision, reason = row["geo_precision"], row["geo_motif"]
        assert precision in PRECISIONS
        assert (reason is None) == (precision in PRECISIONS_LOCALISEES)
        assert reason is None or reason in MOTIFS
        assert (row["longitude"] is None) == (row["latitude"] is None) == (precision == "aucune")
        assert (row["geo_source"] is None) == (precision == "aucune")
        if precision in PRECISIONS_LOCALISEES:
            assert 0 < row["geo_score"] <= 1
            # Never in another commune than the one that is known, nor in another department.
            assert row["code_commune"] in (None, row["code_commune_trouve"])
            assert row["code_departement"] in (None, row["code_commune_trouve"][:2])
        else:
            assert row["geo_score"] is None
            assert row["code_commune_trouve"] is None
            assert (precision == "commune") == (row["code_commune"] in centres)
            if row["code_commune"] is None:
                assert reason in ("commune_inconnue", "adresse_absente")
            else:
                assert reason in ("introuvable", "adresse_absente")


@settings(max_examples=examples(25, 100), deadline=None)
@given(st.lists(_addresses(), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_an_address_is_found_alike_among_any_others(
    rows: list[Mapping[str, str | None]], random: object
) -> None:
    shuffled = list(enumerate(rows))
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    columns = ["longitude", "latitude", "geo_precision", "geo_score", "geo_motif"]
    together = locate(frame(rows), World().context()).frame.select(columns).rows()
    mixed = locate(frame([row for _, row in shuffled]), World().context()).frame.select(columns).rows()
    assert [together[position] for position, _ in shuffled] == mixed
    assert locate(frame(rows[:1]), World().context()).frame.select(columns).rows() == together[:1]
