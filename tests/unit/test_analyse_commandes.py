"""``obs analyse``: an analysis file checked, drawn, bundled and played again, with the figures of ``obs query``."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pypdf import PdfReader

from tests.demo_lake import called

QU = {"questionnaire": {"nouveaux": 0, "noeuds": {"QU": 3}}}
SECTIONS: list[dict[str, Any]] = [
    {
        "id": "bcdfgh",
        "titre": "L’adoption par région",
        "introduction": "En France {{psc_taux_adoption}}, au Grand Est {{psc_taux_adoption|region=44}}, "
        "{{psc_taux_adoption|date}}. <script>alert(1)</script> ![x](http://ailleurs/x.png) [ici](javascript:alert(1))",
        "graphique": {
            "univers": "segur", "type": "carte", "mesures": ["psc_taux_adoption"], "axes": ["region"],
            "en_tete": ["psc_e_cps"],
        },
    },
    {
        "id": "bcdfgj",
        "graphique": {
            "univers": "segur", "type": "courbe", "mesures": ["psc_taux_adoption"], "axes": ["mois"],
            "cadres": {"region": {"nouveaux": 0, "noeuds": {"44": 3, "28": 1}}},
        },
    },
    {
        "id": "bcdfgk",
        "graphique": {
            "univers": "convergence", "type": "histogramme", "mesures": ["services_concernes", "taux_maturite_pct"],
            "axes": ["axe"], "cadres": QU,
        },
    },
    {"id": "bcdfgl", "introduction": "Un mot seul."},
    {
        "id": "bcdfgm",
        "graphique": {"univers": "segur", "type": "tableau", "mesures": ["psc_taux_adoptio"], "axes": ["region"]},
    },
]  # fmt: skip


def write(folder: Path, sections: list[dict[str, Any]] = SECTIONS, **more: Any) -> Path:
    path = folder / "analyse.json"
    path.write_text(json.dumps({"version": 1, "titre": "Essai", "sections": sections, **more}), "utf-8")
    return path


def asked(lake: Path, *question: str) -> pl.DataFrame:
    return pl.read_csv(io.StringIO(called("query", *question, "--format", "csv", lake=lake).stdout))


def gallery(lake: Path, *question: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        called("analyse", "galerie", *question, "--format", "json", lake=lake).stdout
    )
    return found


@pytest.fixture(scope="module")
def made(petit_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The analysis rendered once: a folder with ``csv/``, ``a.pdf``, ``a.zip``, ``dit``."""
    folder = tmp_path_factory.mktemp("analyse")
    done = called(
        "analyse", "rendre", str(write(folder)), "--csv", str(folder / "csv"), "--pdf", str(folder / "a.pdf"),
        "--lot", str(folder / "a.zip"), lake=petit_lake,
    )  # fmt: skip
    (folder / "dit").write_text(done.stderr, "utf-8")
    return folder


def test_the_schema_is_printed(petit_lake: Path) -> None:
    found = json.loads(called("analyse", "schema", lake=petit_lake).stdout)
    assert found["properties"]["version"]["const"] == 1
    assert set(found["required"]) == {"version", "titre"}


def test_a_file_is_checked(petit_lake: Path, tmp_path: Path) -> None:
    assert called("analyse", "valider", str(write(tmp_path, SECTIONS[:4])), lake=petit_lake).returncode == 0
    done = called("analyse", "valider", str(write(tmp_path)), lake=petit_lake, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(
        "sections[4].graphique.mesures[0] : Nom inconnu (mesure) : « psc_taux_adoptio »."
    )
    assert "psc_taux_adoption" in done.stderr
    two = write(tmp_path, [{"id": "A"}], couleur=1)
    done = called("analyse", "valider", str(two), lake=petit_lake, check=False)
    assert [line.split(" : ")[0] for line in done.stderr.splitlines()] == ["sections[0].id", "couleur"]
    newer = tmp_path / "n.json"
    newer.write_text('{"version": 2, "titre": "Demain"}', "utf-8")
    done = called("analyse", "valider", str(newer), lake=petit_lake, check=False)
    assert (done.returncode, done.stderr[:10]) == (1, "version : ")
    assert "lecture seule" in done.stderr


def test_more_than_twenty_thousand_cells_are_refused_in_words(petit_lake: Path, tmp_path: Path) -> None:
    chart = {
        "univers": "convergence", "type": "tableau", "axes": ["critere", "service", "campagne"],
        "mesures": ["services_concernes", "taux_maturite_pct", "niveau_maturite"],
    }  # fmt: skip
    heavy = [{"id": "b", "graphique": chart}]
    done = called("analyse", "valider", str(write(tmp_path, heavy)), lake=petit_lake, check=False)
    assert done.returncode == 1, "the small lake has more crossings than that"
    assert done.stderr.startswith("sections[0].graphique : ")
    assert "cellules : 20000 au plus par graphique. Ajoutez un filtre." in done.stderr


def test_each_section_has_the_rows_of_the_command_line(petit_lake: Path, made: Path) -> None:
    assert sorted(one.name for one in (made / "csv").iterdir()) == [f"section-{n}.csv" for n in (1, 2, 3)]
    csv = {n: pl.read_csv(made / "csv" / f"section-{n}.csv") for n in (1, 2, 3)}
    rates = asked(
        petit_lake, "segur", "--mesure", "psc_taux_adoption", "--par", "region", "--du", "2022-11-01"
    )
    assert csv[1].equals(rates)
    ours = asked(
        petit_lake, "segur", "--mesure", "psc_taux_adoption", "--par", "mois", "--filtre", "region=44"
    )
    assert csv[2].equals(ours)
    bars = asked(
        petit_lake, "convergence", "--mesure", "services_concernes,taux_maturite_pct", "--par", "axe",
        "--filtre", "questionnaire=QU",
    )  # fmt: skip
    assert csv[3].equals(bars)
    assert (made / "csv" / "section-1.csv").read_bytes()[:6] == b"region", "no BOM, a comma, a point"


def test_what_cannot_be_drawn_is_said_and_the_rest_is(made: Path) -> None:
    assert "section 5 : à réparer" in (made / "dit").read_text("utf-8")
    text = "\n".join(page.extract_text() for page in PdfReader(made / "a.pdf").pages)
    flat = " ".join(text.replace("\u202f", " ").replace("\u00a0", " ").split())
    assert "En France 30,64 %, au Grand Est 28,70 %, novembre 2022." in flat
    assert "<script>alert(1)</script>" in flat
    assert "Filtres : Région : Grand Est" in flat
    assert "Section à réparer. Son graphique ne peut pas être dessiné" in flat
    assert "Vouliez-vous dire : psc_taux_adoption" in flat
    links = [
        found.get_object()["/A"].get("/URI", "")
        for page in PdfReader(made / "a.pdf").pages
        for found in page.get("/Annots", [])
        if "/A" in found.get_object()
    ]
    assert not any("javascript" in link or "ailleurs" in link for link in links)


def replay(lake: Path, path: Path, check: bool = True) -> tuple[int, str]:
    done = called("analyse", "rejouer", str(path), lake=lake, check=check)
    return done.returncode, done.stdout.splitlines()[-1]


def rewritten(path: Path, into: Path, change: dict[str, bytes], **manifest: Any) -> Path:
    """A bundle with some of its files changed, its manifest agreeing with them."""
    import hashlib

    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()} | change
    said = json.loads(files["manifeste.json"]) | manifest
    said["empreintes"] |= {name: hashlib.sha256(content).hexdigest() for name, content in change.items()}
    with zipfile.ZipFile(into, "w") as archive:
        for name, content in (files | {"manifeste.json": json.dumps(said).encode()}).items():
            archive.writestr(name, content)
    return into


def test_a_bundle_played_again_is_the_same_to_the_byte(petit_lake: Path, made: Path) -> None:
    assert replay(petit_lake, made / "a.zip") == (0, "identique")


def test_a_bundle_says_what_differs(petit_lake: Path, made: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(made / "a.zip") as archive:
        csv = archive.read("section-3.csv")
    other = rewritten(made / "a.zip", tmp_path / "pdf.zip", {"analyse.pdf": b"%PDF autre moteur"})
    assert replay(petit_lake, other) == (0, "chiffres identiques, rendu différent")
    rows = csv.decode().splitlines()
    cells = rows[1].split(",")
    rows[1] = f"{cells[0]},{int(cells[1]) + 1},{float(cells[2]) + 1}"
    changed = rewritten(
        made / "a.zip", tmp_path / "csv.zip", {"section-3.csv": "\n".join([*rows, ""]).encode()}
    )
    assert replay(petit_lake, changed, check=False) == (1, "différent : 2 cellules")


def test_a_bundle_of_versions_that_are_gone_says_so(petit_lake: Path, made: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(made / "a.zip") as archive:
        versions = json.loads(archive.read("manifeste.json"))["versions"]
    gone = rewritten(made / "a.zip", tmp_path / "g.zip", {}, versions={**versions, "segur__mesures": 999})
    assert replay(petit_lake, gone, check=False) == (1, "version purgée")


def test_what_is_no_bundle_is_refused_in_one_line(petit_lake: Path, made: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "w.zip"
    wrong.write_bytes(b"PK nothing")
    done = called("analyse", "rejouer", str(wrong), lake=petit_lake, check=False)
    assert done.returncode == 1
    with zipfile.ZipFile(made / "a.zip") as archive, zipfile.ZipFile(wrong, "w") as other:
        for name in archive.namelist():
            other.writestr(name, b"x" if name == "section-1.csv" else archive.read(name))
    done = called("analyse", "rejouer", str(wrong), lake=petit_lake, check=False)
    assert done.returncode == 1
    assert "« section-1.csv » n’est plus le fichier qui a été fait." in str(done.stderr)


def test_the_gallery_is_one_json_document(petit_lake: Path) -> None:
    found = gallery(
        petit_lake, "--univers", "segur", "--mesures", "mss_taux_activite", "--axes", "departement"
    )
    assert [list(one) for one in found] == [["type", "possible", "raison", "propose"]] * len(found)
    by = {one["type"]: one for one in found}
    assert set(by) >= set(
        "chiffres histogramme colonnes courbe radar liste tableau classement carte chaleur evaluation repartition "
        "camembert empilees".split()
    )
    assert found[0]["type"] == "carte"
    ring = by["camembert"]
    assert (ring["possible"], ring["propose"]) == (False, "histogramme")
    assert "est un rapport : ses valeurs ne s’additionnent pas" in ring["raison"]


def test_the_gallery_says_the_distinct_total(petit_lake: Path) -> None:
    """By editor a service counts several times (327): the total asked alone is 299."""
    found = gallery(
        petit_lake, "--univers", "convergence", "--mesures", "services_concernes", "--axes", "editeur",
        "--filtre", "questionnaire=QU",
    )  # fmt: skip
    ring = next(one for one in found if one["type"] == "camembert")
    assert not ring["possible"]
    assert "le total est 299 services." in ring["raison"]


def test_an_unknown_name_is_refused_in_one_line(petit_lake: Path) -> None:
    done = called(
        "analyse", "galerie", "--univers", "segur", "--mesures", "psc_e_cp", lake=petit_lake, check=False
    )
    assert done.returncode == 1
    assert "Vouliez-vous dire" in str(done.stderr)
