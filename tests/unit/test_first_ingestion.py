"""A first ingestion works on an empty lake: the packaged territories are published before it."""

from __future__ import annotations

from pathlib import Path

from ingest.sources.annuaire.layout import ACTIVITES_LAYOUT
from tests.demo_lake import obs


def test_a_first_ingestion_publishes_the_packaged_territories(tmp_path: Path) -> None:
    header = "|".join(column.label for column in ACTIVITES_LAYOUT.columns)
    values = {
        "type_identifiant_pp": "8",
        "identifiant_pp": "90000000001",
        "identification_nationale_pp": "890000000001",
        "nom_exercice": "MARTIN",
        "code_profession": "60",
        "code_commune_source": "67482",
    }
    line = "|".join(values.get(column.name, "") for column in ACTIVITES_LAYOUT.columns)
    delivery = tmp_path / "PS_LibreAcces_Personne_activite_202501140630.txt"
    delivery.write_text(f"{header}\n{line}\n", encoding="utf-8")
    lake = tmp_path / "lac"
    done = obs("ingest", "annuaire", str(delivery), lake=lake)
    assert "Territoires absents du lac" in done.stdout
    counted = obs(
        "query", "annuaire", "--mesure", "professionnels", "--par", "commune", "--format", "csv", lake=lake
    )
    assert counted.stdout.splitlines() == ["commune,professionnels", "Strasbourg,1"]
