"""Damaged deliveries of every source: each ends in rows and counted rejects, or in one French sentence."""

from __future__ import annotations

import gzip
import io
import json
import random
import zipfile
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter

from ingest.source import Context, Snapshot, Source, SourceFile
from ingest.sources import source as find
from ingest.sources.annuaire.layout import ACTIVITES_LAYOUT
from ingest.sources.territoires import layouts
from ingest.sources.territoires.reference import Territoires, load
from lake.contract import Table
from lake.errors import LakeError, MissingTable
from tests.unit.annuaire_delivery import activite, header, person

DAY = date(2025, 1, 14)
EACH = 12
"""Damages of each kind of file: deterministic, cheap, and enough for what was found by hand to be found again."""

BAN = (
    "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;code_insee_ancienne_commune;"
    "nom_ancienne_commune;x;y;lon;lat;type_position;alias;nom_ld;libelle_acheminement;nom_afnor;source_position;"
    "source_nom_voie;certification_commune;cad_parcelles\n"
) + "".join(
    f"67482_1_{n:05};;{n};;Rue de l'Été;67000;67482;Strasbourg;;;;;7.75;48.58;entrée;;;;;;;1;\n"
    for n in range(1, 9)
)
FINESS = "finess;etalab;96;2026-01-04\n" + "".join(
    f"structureet;67000002{n};670000009;MAISON SANTÉ;;;;1;R;DU PONT;;;482;67;BAS RHIN;67000 STRASBOURG;;;603;"
    "Maison de santé;;;;;;;;;2019-01-01;;;\n"
    for n in range(6)
)
_PLACE = {
    "usageAdresse": "03",
    "cogCommune": "67482",
    "codePostal": "67000",
    "ligneAcheminement": "STRASBOURG",
    "coordonneesGeographique": {"coordonneeX": "7.76", "coordonneeY": "48.57"},
}


def _establishment(number: int) -> dict[str, Any]:
    return {
        "informationsGeneralesEGE": {
            "numFinessEge": f"67000003{number}",
            "nomEgeCourt": "CLINIQUE",
            "dateOuverture": "2019-01-01",
        },
        "categorieentiteGeographiqueExercice": "603",
        "adresse": [_PLACE],
        "contact": [{"telecom": {"telephone": "0388000000"}}],
        "etatObjet": "A",
    }


DAILY = json.dumps(
    {
        "generatedAt": "2026-09-11T05:00:00Z",
        "pmej": [
            {
                "informationsGeneralesPMEJ": {"numFinessPm": "670000009", "codeApe": "86.21Z"},
                "ege": [_establishment(number) for number in range(4)],
            }
        ],
    }
)
SEGUR = "mois;indicateur;code_departement;profession;valeur\n" + "".join(
    f"2022-10-01;psc_e_cps;{code};10;1 25{n}\n" for n, code in enumerate(("67", "68", "57", "88"))
)
AGES = "NIVGEO;CODGEO;LIBGEO;SEXE;AGED100;NB\n" + "".join(
    f"COM;67482;Strasbourg;{1 + n % 2};{n:03};1{n},5\n" for n in range(8)
)
CORRECTIONS = (
    "identifiant_structure;longitude;latitude;commentaire\nR10001;7,75;48,58;vérifié\nR10002;7,76;48,57;\n"
)
SERVICES = "service;region;nom;kind;tronc_commun\nS1;44;SI de l'Est;si_regional;VRAI\nS2;11;Été;metier;FAUX\n"
REPONSES = "service;critere;niveau;commentaire\nS1;A03.1;2;rien\nS2;A06.1;1;\n"
ACTIVITES = "\n".join([header(ACTIVITES_LAYOUT), *(activite(**person(n)) for n in range(1, 9)), ""])
COG = (
    "TYPECOM,COM,REG,DEP,CTCD,ARR,TNCC,NCC,NCCENR,LIBELLE,CAN,COMPARENT\n"
    "COM,67482,44,67,6AE,678,0,STRASBOURG,Strasbourg,Strasbourg,6799,\n"
)
MVT = (
    "MOD,DATE_EFF,TYPECOM_AV,COM_AV,TNCC_AV,NCC_AV,NCCENR_AV,LIBELLE_AV,TYPECOM_AP,COM_AP,TNCC_AP,NCC_AP,NCCENR_AP,"
    "LIBELLE_AP\n32,2016-01-01,COM,68310,0,SIGOLSHEIM,S,Sigolsheim,COM,68162,0,KAYSERSBERG,K,Kaysersberg Vignoble\n"
)
EPCI = json.dumps(
    [{"code": "246700488", "nom": "CU X", "type": "CU", "membres": [{"code": "67482", "nom": "Strasbourg"}]}]
)
OUTLINE = json.dumps(
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": "67482", "nom": "Strasbourg", "departement": "67", "region": "44"},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[7.6, 48.5], [7.8, 48.5], [7.8, 48.6], [7.6, 48.5]]],
                },
            }
        ],
    }
)


def _workbook() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("APL 2022")
        for number, row in enumerate(
            [
                ["Code commune INSEE", "Commune", "APL aux médecins généralistes", "Population totale 2020"],
                ["", "", "accessibilité en nombre de consultations/an par habitant", ""],
                ["67482", "Strasbourg", 3.9, 290_000],
                ["67447", "Schiltigheim", 3.1, 33_000],
            ]
        ):
            sheet.write_row(number, 0, row)
    return out.getvalue()


FILES: dict[str, tuple[str, str, bytes]] = {
    "ban": ("ban", "adresses-67.csv", BAN.encode()),
    "finess": ("finess", "etalab-stock-20260104.csv", FINESS.encode()),
    "finess journalier": ("finess", "finess-structures-journalier-20260911.json", DAILY.encode()),
    "segur": ("segur", "segur_2022-10.csv", SEGUR.encode()),
    "ages": ("ages", "TD_POP1B_2021.csv", AGES.encode()),
    "corrections": ("corrections", "corrections.csv", CORRECTIONS.encode()),
    "services": ("convergence", "services_2020-12-15.csv", SERVICES.encode()),
    "reponses": ("convergence", "reponses_2020-12-15.csv", REPONSES.encode()),
    "annuaire": ("annuaire", "PS_LibreAcces_Personne_activite_202501140800.txt", ACTIVITES.encode()),
    "apl": ("apl", "apl.xlsx", _workbook()),
    "cog": ("territoires", "v_commune_2026.csv", COG.encode()),
    "mouvements": ("territoires", "v_mvt_commune_2026.csv", MVT.encode()),
    "epci": ("territoires", "epci.json", EPCI.encode()),
    "contours": ("territoires", "communes.geojson", OUTLINE.encode()),
}


@cache
def packaged() -> Territoires:
    return load()


def scan(table: Table) -> pl.LazyFrame:
    known = {one.name: frame for one, frame in packaged().items()}
    if table.name in known:
        return known[table.name].lazy()
    raise MissingTable(table.name)


def ingested(name: str, paths: list[Path]) -> None:
    """What a run does of files, storage apart: dated, parsed, checked, counted."""
    if name == "territoires":
        # Assembling the tables is the same whatever the file: what reads it is tried.
        for path in paths:
            layouts.read(path, path.name, {"44": "Grand Est"})
        return
    source: Source = find(name)
    files = tuple(SourceFile(path, path.name, "0" * 64, path.stat().st_size) for path in paths)
    day = source.date_of(paths) or DAY
    context = Context(scan=scan, region="44", geocodeur="aucun", budget=0.01)
    for parsed in source.parse(Snapshot(name, files, "x", day), context):
        conformed = parsed.table.conform(parsed.frame)
        assert conformed.valid.height + conformed.rejects.height == parsed.frame.height
        if parsed.counted:
            counted = parsed.frame.height + parsed.doublons + parsed.hors_region + parsed.rejects.height
            assert parsed.lues == counted


# -- damages ------------------------------------------------------------------------------------------

Damage = Callable[[bytes, random.Random], bytes]


def _at(raw: bytes, draw: random.Random) -> int:
    return draw.randrange(len(raw) + 1)


def _insert(piece: bytes) -> Damage:
    def damage(raw: bytes, draw: random.Random) -> bytes:
        at = _at(raw, draw)
        return raw[:at] + piece + raw[at:]

    return damage


def _flip(raw: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ (1 << draw.randrange(8))]) + raw[at + 1 :]


def _cut_line(raw: bytes, draw: random.Random) -> bytes:
    lines = raw.split(b"\n")
    lines.insert(draw.randrange(len(lines)), lines[draw.randrange(len(lines))][: draw.randrange(30)])
    return b"\n".join(lines)


def _drop_column(raw: bytes, draw: random.Random) -> bytes:
    mark = max((b";", b",", b"|"), key=raw.count)
    at = draw.randrange(6)
    rows = [line.split(mark) for line in raw.split(b"\n")]
    return b"\n".join(mark.join(cell for place, cell in enumerate(row) if place != at) for row in rows)


def _twice_column(raw: bytes, draw: random.Random) -> bytes:
    mark = max((b";", b",", b"|"), key=raw.count)
    return b"\n".join(
        mark.join([*row, row[draw.randrange(1)]]) for row in (line.split(mark) for line in raw.split(b"\n"))
    )


def _replace_digits(value: bytes) -> Damage:
    def damage(raw: bytes, draw: random.Random) -> bytes:
        places = [at for at in range(len(raw)) if raw[at : at + 1].isdigit()]
        at = draw.choice(places)
        return raw[:at] + value + raw[at + 1 :]

    return damage


def _packed(raw: bytes, draw: random.Random) -> bytes:
    packed = gzip.compress(raw, mtime=0)
    return _flip(packed, draw) if draw.random() < 0.5 else packed[: _at(packed, draw)]


def _zipped(raw: bytes, draw: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(draw.choice(["a.csv", "../a.txt", "a.json", "dossier/"]), raw)
    packed = out.getvalue()
    return _flip(packed, draw) if draw.random() < 0.7 else packed[: _at(packed, draw)]


def _recoded(encoding: str) -> Damage:
    def damage(raw: bytes, _draw: random.Random) -> bytes:
        return raw.decode(errors="replace").encode(encoding, errors="replace")

    return damage


ON_BYTES: tuple[Damage, ...] = (
    lambda raw, draw: raw[: _at(raw, draw)],
    lambda raw, draw: raw[_at(raw, draw) :],
    lambda raw, _draw: raw.replace(b"\n", b"\r"),
    lambda raw, _draw: raw.replace(b"\n", b"\r\n\r\n"),
    lambda raw, _draw: raw.split(b"\n", 1)[-1],
    lambda raw, _draw: raw.split(b"\n", 1)[0] + b"\n" + raw,
    lambda raw, draw: raw + bytes(draw.randrange(256) for _ in range(500)),
    lambda raw, _draw: b"\xef\xbb\xbf\xef\xbb\xbf" + raw,
    _insert(b"\r"), _insert(b"\n"), _insert(b"\0"), _insert(b'"'), _insert(b"\xff\xfe"), _insert(b";;;;"),
    _insert(b"\x81\x8d"), _insert(b"\x1a\x07\x0b"), _insert(b"\xed\xa0\x80"), _insert(b"{[,"),
    _flip, _flip, _flip, _cut_line, _drop_column, _twice_column, _packed, _zipped,
    _replace_digits(b"9" * 400), _replace_digits(b"nan"), _replace_digits(b"-"), _replace_digits(b"1e999"),
    _recoded("cp1252"), _recoded("utf-16"), _recoded("utf-16-le"),
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None,
    [],
    {},
    [None],
    {"code": None},
    True,
    -1,
    1e308,
    10**30,
    "",
    "x" * 5000,
    [[[]]],
    "\u0000",
    "67482",
)


def _mutated_json(raw: bytes, draw: random.Random) -> bytes:
    """One value of a document, anywhere, becomes another kind of value, disappears or comes twice."""
    content = json.loads(raw)
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        keys = list(node) if isinstance(node, dict) else range(len(node))
        for key in keys:
            places.append((node, key))
            if isinstance(node[key], dict | list):
                walk(node[key])

    walk(content)
    node, key = draw.choice(places)
    if draw.random() < 0.2:
        del node[key]
    else:
        node[key] = draw.choice(VALUES)
    text = json.dumps(content)
    if draw.random() < 0.1:
        text = "[" * 50_000 + text
    return text.replace("1e+308", draw.choice(["1e308", "NaN", "Infinity", "1e999"])).encode()


def _mutated_workbook(raw: bytes, draw: random.Random) -> bytes:
    """A workbook one of whose parts is damaged, packed again so that its checksums hold."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        names = before.namelist()
        chosen = draw.choice([name for name in names if "sheet" in name or "shared" in name.lower()])
        for name in names:
            content = before.read(name)
            if name == chosen:
                content = draw.choice(ON_BYTES[:23])(content, draw)
                if draw.random() < 0.3:
                    content = content.replace(b'r="C3"', b'r="XFD1048576"')
            after.writestr(name, content)
    return out.getvalue()


def damages(kind: str, raw: bytes) -> list[bytes]:
    draw = random.Random(f"{kind} 2026")
    found = [damage(raw, draw) for damage in ON_BYTES]
    own = {
        "finess journalier": _mutated_json,
        "epci": _mutated_json,
        "contours": _mutated_json,
        "apl": _mutated_workbook,
    }
    while len(found) < EACH + len(ON_BYTES):
        found.append((own.get(kind) or draw.choice(ON_BYTES))(raw, draw))
    return found


@pytest.mark.parametrize("kind", FILES)
def test_any_damaged_file_is_read_or_refused_in_one_french_sentence(kind: str, tmp_path: Path) -> None:
    name, filename, raw = FILES[kind]
    path = tmp_path / filename
    others = []
    for other, text in (("services", SERVICES), ("reponses", REPONSES)):
        if name == "convergence" and kind != other:  # a campaign is made of both
            others.append(tmp_path / f"{other}_2020-12-15.csv")
            others[-1].write_bytes(text.encode())
    path.write_bytes(raw)
    ingested(name, [path, *others])  # as it is, it is read
    read = 0
    for rank, content in enumerate(damages(kind, raw)):
        if not content:
            continue  # an empty file is refused before any source sees it
        path.write_bytes(content)
        try:
            ingested(name, [path, *others])
        except LakeError as error:
            message = str(error)
            assert message.strip(), rank
            assert "\n" not in message, (rank, message)
            assert "Error" not in message, (rank, message)
        except Exception as error:
            raise AssertionError(f"dégât n° {rank} : {content[:200]!r}") from error
        else:
            read += 1
    assert read  # most damages are a matter of lines, not of the file
