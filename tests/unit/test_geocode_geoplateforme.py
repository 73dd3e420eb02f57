"""The Géoplateforme adapter against a local server that behaves like the service."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.geocode.geoplateforme import GeoplateformeGeocoder
from ingest.geocode.locate import geocoder_of, locate
from lake.catalog.ban import GEOCODAGE
from lake.errors import SourceUnavailable
from tests.unit.geocode_world import World, address, frame
from tests.unit.geoplateforme_server import Behaviour, serving

PLACES = [
    ("12 BIS RUE DE LA GARE", "housenumber", 0.97, "67000", "67482", 7.7452, 48.5805),
    ("12 RUE DE LA GARE", "housenumber", 0.98, "67000", "67482", 7.745, 48.5805),
    ("RUE DE LA GARE", "street", 0.8, "67000", "67482", 7.742, 48.5802),
    ("FERME DE LA FORGE", "locality", 0.9, "67000", "67482", 7.711, 48.551),
    ("RUE VAGUE", "street", 0.3, "67000", "67482", 7.7, 48.5),
    ("STRASBOURG", "municipality", 0.9, "67000", "67482", 7.76, 48.57),
    ("RUE DE METZ", "street", 0.9, "57050", "57049", 6.15, 49.123),
    ("RUE LOINTAINE", "street", 0.9, "57000", "57463", 6.19, 49.1),
]


class Clock:
    """Time that only passes when someone sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def behaviour() -> Behaviour:
    return Behaviour(places=list(PLACES))


@pytest.fixture
def url(behaviour: Behaviour) -> Iterator[str]:
    with serving(behaviour) as address_:
        yield address_


def _geocoder(url: str, clock: Clock | None = None, **options: object) -> GeoplateformeGeocoder:
    clock = clock or Clock()
    return GeoplateformeGeocoder(url, sleep=clock.sleep, clock=clock, **options)  # type: ignore[arg-type]


ROWS = [
    ("number", address(numero_voie="12", libelle_voie="RUE DE LA GARE"), "numero", (7.745, 48.5805), 0.98),
    ("bis", address(libelle_voie="12 B RUE DE LA GARE"), "numero", (7.7452, 48.5805), 0.97),
    ("street", address(numero_voie="99", libelle_voie="RUE DE LA GARE"), "rue", (7.742, 48.5802), 0.8),
    ("place", address(libelle_voie="FERME DE LA FORGE"), "lieu_dit", (7.711, 48.551), 0.9),
    ("score too low", address(libelle_voie="RUE VAGUE"), "commune", (7.76762, 48.5714), None),
    ("municipality", address(libelle_voie="STRASBOURG"), "commune", (7.76762, 48.5714), None),
    ("unknown", address(libelle_voie="RUE PERDUE"), "commune", (7.76762, 48.5714), None),
    ("no street", address(), "commune", (7.76762, 48.5714), None),
    (
        "CEDEX code, commune known",
        address(numero_voie="12", libelle_voie="RUE DE LA GARE", code_postal="67091"),
        "numero",
        (7.745, 48.5805),
        0.98,
    ),
    (
        "CEDEX code, commune unknown",
        address(numero_voie="12", libelle_voie="RUE DE LA GARE", code_postal="67091", code_commune=None),
        "numero",
        (7.745, 48.5805),
        0.98,
    ),
    (
        "postal code, commune unknown",
        address(libelle_voie="RUE DE METZ", code_postal="57050", code_commune=None, code_departement="57"),
        "rue",
        (6.15, 49.123),
        0.9,
    ),
    (
        "only in another department",
        address(libelle_voie="RUE LOINTAINE", code_postal="67091", code_commune=None),
        "aucune",
        (None, None),
        None,
    ),
]


@pytest.mark.parametrize("bom", [False, True])
def test_answers_become_places(behaviour: Behaviour, url: str, bom: bool) -> None:
    behaviour.bom = bom
    located = locate(frame([row for _, row, *_ in ROWS]), World().context("geoplateforme"), _geocoder(url))
    for (name, _, precision, point, score), found in zip(ROWS, located.frame.to_dicts(), strict=True):
        assert found["geo_precision"] == precision, name
        assert (found["longitude"], found["latitude"]) == point, name
        assert found["geo_score"] == score, name
        if score is not None:
            assert found["geo_source"] == "geoplateforme", name
    reasons = dict(zip([name for name, *_ in ROWS], located.frame["geo_motif"], strict=True))
    assert reasons["unknown"] == "introuvable"
    assert reasons["no street"] == "adresse_absente"
    assert reasons["only in another department"] == "commune_inconnue"
    assert GEOCODAGE.conform(located.memory).rejects.height == 0


def test_what_is_sent(behaviour: Behaviour, url: str) -> None:
    rows = frame([ROWS[0][1], ROWS[9][1]])
    locate(rows, World().context("geoplateforme"), _geocoder(url))
    (_, form, first), (_, again, second) = behaviour.requests
    assert form == {"columns": ["adresse"], "postcode": ["postcode"], "citycode": ["citycode"]}
    assert [(row["adresse"], row["postcode"], row["citycode"]) for row in first] == [
        ("12 RUE DE LA GARE", "", "67482"),
        ("12 RUE DE LA GARE", "67091", ""),
    ]
    # The CEDEX code hid everything: asked again without any filter, the place in the question.
    assert again == form
    assert [(row["adresse"], row["postcode"], row["citycode"]) for row in second] == [
        ("12 RUE DE LA GARE 67091", "", "")
    ]


def test_second_run_asks_nothing(behaviour: Behaviour, url: str) -> None:
    world = World()
    rows = frame([row for _, row, *_ in ROWS])
    first = locate(rows, world.context("geoplateforme"), _geocoder(url))
    world.tables[GEOCODAGE.name] = first.memory
    asked = len(behaviour.requests)
    second = locate(rows, world.context("geoplateforme"), _geocoder(url))
    assert second.frame.equals(first.frame)
    assert len(behaviour.requests) == asked
    later = _geocoder(url, today=lambda: datetime(2031, 2, 1, tzinfo=UTC))
    third = locate(rows, world.context("geoplateforme"), later)
    # A month later the failures are asked again: low score, municipality, unknown, elsewhere, and the street
    # found for a number.
    assert third.figures["adresses cherchées"] == 5


def _many(count: int) -> list[dict[str, str | None]]:
    return [dict(address(numero_voie=str(n), libelle_voie="RUE DE LA GARE")) for n in range(1, count + 1)]


def test_rows_go_in_chunks_at_a_pace(behaviour: Behaviour, url: str) -> None:
    clock = Clock()
    geocoder = _geocoder(url, clock, rows_per_request=10, requests_per_second=4)
    located = locate(frame(_many(35)), World().context("geoplateforme"), geocoder)
    assert [len(rows) for _, _, rows in behaviour.requests] == [10, 10, 10, 5]
    assert clock.slept == pytest.approx([0.25, 0.25, 0.25])
    assert located.figures["adresses trouvées"] == 35


def test_real_pace_stays_under_the_rate(behaviour: Behaviour, url: str) -> None:
    behaviour.rate = 50
    geocoder = GeoplateformeGeocoder(url, rows_per_request=1)
    locate(frame(_many(60)), World().context("geoplateforme"), geocoder)
    assert [status for status, *_ in behaviour.requests] == [200] * 60


def test_over_the_rate_it_waits_as_told(behaviour: Behaviour, url: str) -> None:
    behaviour.fail = deque([(429, {"Retry-After": "7"}), (429, {}), (503, {"Retry-After": "abc"}), (500, {})])
    clock = Clock()
    located = locate(frame(_many(1)), World().context("geoplateforme"), _geocoder(url, clock))
    assert [status for status, *_ in behaviour.requests] == [429, 429, 503, 500, 200]
    # What the service asks, else 2, 4, 8 seconds: twice as long at each attempt.
    assert clock.slept == pytest.approx([7, 2, 4, 8])
    assert located.figures["adresses trouvées"] == 1


def test_retry_after_may_be_a_date_and_is_capped(behaviour: Behaviour, url: str) -> None:
    behaviour.fail = deque(
        [(429, {"Retry-After": "Wed, 01 Jan 2031 10:00:20 GMT"}), (429, {"Retry-After": "86400"})]
    )
    clock = Clock()
    now = datetime(2031, 1, 1, 10, 0, 0, tzinfo=UTC)
    locate(frame(_many(1)), World().context("geoplateforme"), _geocoder(url, clock, today=lambda: now))
    assert clock.slept == pytest.approx([20, 60])


def test_it_gives_up_in_french(behaviour: Behaviour, url: str) -> None:
    behaviour.fail = deque([(502, {})] * 10)
    with pytest.raises(SourceUnavailable, match=r"ne répond pas après 3 essais : réponse HTTP 502"):
        locate(frame(_many(1)), World().context("geoplateforme"), _geocoder(url, tries=3))
    assert len(behaviour.requests) == 3


def test_nobody_listens() -> None:
    geocoder = _geocoder("http://127.0.0.1:9/geocodage", tries=2)
    with pytest.raises(SourceUnavailable, match="connexion impossible"):
        locate(frame(_many(1)), World().context("geoplateforme"), geocoder)


def test_a_refusal_is_not_tried_again(behaviour: Behaviour, url: str) -> None:
    with pytest.raises(SourceUnavailable, match="HTTP 404") as raised:
        locate(frame(_many(1)), World().context("geoplateforme"), _geocoder(url + "/ailleurs"))
    assert "OBS_GEOPLATEFORME_URL" in raised.value.conseil
    assert len(behaviour.requests) == 1


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"<html>maintenance</html>\n", "colonne"),
        (b"", "lisible"),
        (b"cle_adresse,longitude\nx,1\n", "latitude"),
    ],
)
def test_another_answer_is_refused(behaviour: Behaviour, url: str, body: bytes, message: str) -> None:
    behaviour.broken = body
    with pytest.raises(SourceUnavailable, match=message):
        locate(frame(_many(1)), World().context("geoplateforme"), _geocoder(url))


def test_an_answer_that_was_cut_is_refused(behaviour: Behaviour, url: str) -> None:
    header = "cle_adresse,longitude,latitude,result_score,result_label,result_type,result_citycode"
    behaviour.broken = f"{header},result_status\n".encode()
    with pytest.raises(SourceUnavailable, match="0 lignes pour 2 demandées"):
        locate(frame(_many(2)), World().context("geoplateforme"), _geocoder(url))


def test_too_many_errors_are_refused(url: str) -> None:
    rows = frame([address(libelle_voie="RUE QUI PROVOQUE UNE ERREUR")])
    with pytest.raises(SourceUnavailable, match="1 adresse sur 1"):
        locate(rows, World().context("geoplateforme"), _geocoder(url))


def test_an_interrupted_search_resumes(behaviour: Behaviour, url: str, tmp_path: Path) -> None:
    behaviour.fail = deque([(200, {}), (200, {}), *[(503, {})] * 2])
    rows = frame(_many(30))
    options: dict[str, object] = {"rows_per_request": 10, "tries": 2, "folder": tmp_path}
    with pytest.raises(SourceUnavailable):
        locate(rows, World().context("geoplateforme"), _geocoder(url, **options))
    assert len(list(tmp_path.iterdir())) == 2
    behaviour.requests.clear()
    located = locate(rows, World().context("geoplateforme"), _geocoder(url, **options))
    # Only the chunk that had failed was asked.
    assert len(behaviour.requests) == 1
    assert behaviour.requests[0][2][0]["adresse"] == "21 RUE DE LA GARE"
    assert located.figures["adresses trouvées"] == 30
    assert list(tmp_path.iterdir()) == []


def test_the_address_of_the_service_is_a_setting(
    behaviour: Behaviour, url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OBS_GEOPLATEFORME_URL", url)
    monkeypatch.setenv("HOME", str(tmp_path))
    located = locate(frame(_many(1)), World().context("geoplateforme"))
    assert located.figures["géocodeur"] == "geoplateforme"
    assert len(behaviour.requests) == 1
    geocoder = geocoder_of(World().context("geoplateforme"))
    assert isinstance(geocoder, GeoplateformeGeocoder)
    assert geocoder.url == f"{url}/search/csv/"


def test_the_batch_path_may_be_in_the_setting() -> None:
    for given in ("http://a/geocodage", "http://a/geocodage/", "http://a/geocodage/search/csv/"):
        assert GeoplateformeGeocoder(given).url == "http://a/geocodage/search/csv/"
