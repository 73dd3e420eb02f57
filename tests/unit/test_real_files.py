"""What files of the field hold that no layout announces: each kind, varied, on invented lines."""

from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from ingest.report import RunReport
from ingest.run import Request, run
from ingest.source import Parsed
from ingest.sources import source
from ingest.sources.annuaire.departements import RegionFilter, departement_of
from ingest.sources.annuaire.layout import ACTIVITES_LAYOUT, is_personal
from ingest.sources.territoires.reference import COLLECTIVITES, load
from lake.catalog import segur
from lake.catalog.annuaire import ACTIVITES
from lake.catalog.ban import ADRESSES
from lake.errors import ContractError
from lake.settings import Settings
from lake.tables import Lake
from scoring.geocode.communes import attach_communes
from tests.unit.annuaire_delivery import activite, header, line, person
from tests.unit.territoires_delivery import parse as territoires
from tests.unit.test_ban_source import HEADER as BAN_HEADER
from tests.unit.test_ban_source import line as address
from tests.unit.test_finess_source import csv as stock
from tests.unit.test_finess_source import parse as finess
from tests.unit.test_finess_source import structure

MONTH = "2022-11-01"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(lake=str(tmp_path / "lac"), geocodeur="aucun")


def ingest(
    name: str, settings: Settings, *paths: Path, budget: float = 1.0, day: date | None = None
) -> RunReport:
    return run(source(name), Request(files=paths, budget=budget, day=day), settings)


def ground(settings: Settings) -> None:
    """The packaged territories, which the directory leans on."""
    run(source("territoires"), Request(), settings)


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


# -- FINESS -------------------------------------------------------------------------------------------


def entity(*establishments: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"generatedAt": "2026-09-11T05:00:00Z", "pmej": [{**members, "ege": list(establishments)}]}


def establishment(general: str = "informationsGeneralesEGE", **members: Any) -> dict[str, Any]:
    return {
        general: {"numFinessEge": "670000051", "nomEgeCourt": "MAISON"},
        "adresse": [{"usageAdresse": "03", "cogCommune": "67482", "codePostal": "67000"}],
        "categorieEntiteGeographiqueExercice": {"code": "603", "system": "x"},
        "etatObjet": {"code": "A"},
    } | members


def daily(folder: Path, content: dict[str, Any]) -> Parsed:
    path = folder / "finess-structures-journalier-20260911.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return finess(path)


def test_the_published_schema_is_read_as_the_files_are(tmp_path: Path) -> None:
    """Keys in another case, codes and dates as objects: the schema says so, the files do not."""
    closed = establishment(etatObjet={"code": "I"}, dateDerniereMaj={"dateEvenement": "2026-05-01T00:00:00Z"})
    parsed = daily(tmp_path, entity(closed, informationsGeneralesPmej={"numFinessPm": "670000009"}))
    found = parsed.frame.row(0, named=True)
    assert (found["famille"], found["ouvert"], found["finess_juridique"]) == (
        "maison_sante",
        False,
        "670000009",
    )
    assert found["date_maj"] == date(2026, 5, 1)


@pytest.mark.parametrize("lost", ["categorieEntiteGeographiqueExercice", "etatObjet"])
def test_a_key_that_no_establishment_has_any_more_refuses_the_file(tmp_path: Path, lost: str) -> None:
    one = establishment()
    del one[lost]
    with pytest.raises(ContractError, match="absente de tous les établissements") as caught:
        daily(tmp_path, entity(one))
    assert lost.lower() in str(caught.value)
    # One establishment without it is an establishment without it.
    assert not daily(tmp_path, entity(one, establishment())).frame.is_empty()


def test_a_lost_key_that_changes_no_figure_is_said(tmp_path: Path) -> None:
    parsed = daily(tmp_path, entity(establishment()))
    assert any("numfinesspm" in warning for warning in parsed.warnings)


def test_values_of_the_daily_file_are_cleaned(tmp_path: Path) -> None:
    one = establishment(adresse=[{"usageAdresse": "03", "cogCommune": 1053, "codePostal": "01000"}])
    one["informationsGeneralesEGE"]["nomEgeLong"] = "LBM BIO\tARD\u0007AISNE\nSUITE\u0085"
    path = tmp_path / "finess-structures-journalier-20260911.json"
    path.write_text(json.dumps(entity(one)), encoding="utf-8")
    assert finess(path).hors_region == 1  # 1053 is 01053, in Ain
    one["adresse"][0] |= {"cogCommune": "67482"}
    path.write_text(json.dumps(entity(one)), encoding="utf-8")
    assert finess(path).frame["raison_sociale_longue"].item() == "LBM BIO ARD AISNE SUITE"


@pytest.mark.parametrize(
    "first", ["finess;etalab;96;2026-01-04", "finess;finess-plus;v1.0.0;2026-01-04", "FINESS;X;;20260104"]
)
def test_every_edition_of_the_historical_file_opens(tmp_path: Path, first: str) -> None:
    path = written(tmp_path / "stock.csv", f"{first}\n{structure()}\n")
    assert source("finess").date_of([path]) == date(2026, 1, 4)
    assert finess(path).frame.height == 1


@pytest.mark.parametrize(
    ("departement", "label", "commune", "line_", "expected"),
    [
        ("9J", "WALLIS-ET-FUTUNA", "613", "98600 UVEA", "986"),
        ("9J", "", "613", "", "986"),
        ("9A", "GUADELOUPE", "127", "97150 SAINT MARTIN", "978"),
        ("9A", "GUADELOUPE", "123", "97133 SAINT BARTHELEMY", "977"),
        ("9A", "GUADELOUPE", "105", "97100 BASSE TERRE", "971"),
        ("9F", "MAYOTTE", "611", "97600 MAMOUDZOU", "976"),
        ("9E", "SAINT PIERRE ET MIQUELON", "502", "97500 ST PIERRE", "975"),
        ("9H", "POLYNESIE", "735", "98714 PAPEETE", "987"),
        ("988", "NOUVELLE CALEDONIE", "818", "98800 NOUMEA", "988"),
        ("9D", "LA REUNION", "411", "97400 ST DENIS", "974"),
        ("2A", "CORSE DU SUD", "004", "20000 AJACCIO", "2A"),
    ],
)
def test_establishments_overseas_are_at_home(
    tmp_path: Path, departement: str, label: str, commune: str, line_: str, expected: str
) -> None:
    from ingest.source import SourceFile
    from ingest.sources.finess.legacy import read

    text = structure(departement=departement, libdepartement=label, commune=commune, ligneacheminement=line_)
    path = stock(tmp_path, text)
    code = read([SourceFile(path, path.name, "", 1)]).frame["code_commune_source"].item()
    assert (code[:3] if code.startswith("9") else code[:2]) == expected


# -- overseas in the directory --------------------------------------------------------------------------

KNOWN = frozenset({"67", "971", "974", "976", *COLLECTIVITES})


@pytest.mark.parametrize(
    ("commune", "postal", "expected"),
    [
        ("97801", "97150", "978"), ("97127", "97150", "978"), ("", "97150", "978"), ("97127", "", "978"),
        ("97701", "97133", "977"), ("97123", "97133", "977"), ("", "97133", "977"),
        ("98613", "98600", "986"), ("", "98600", "986"), ("98735", "98714", "987"), ("98818", "98800", "988"),
        ("97502", "97500", "975"), ("97611", "97600", "976"), ("97105", "97100", "971"), ("", "97055", "971"),
        ("99138", "98000", None), ("", "98000", None),
    ],
)  # fmt: skip
def test_overseas_places_have_their_own_department(commune: str, postal: str, expected: str | None) -> None:
    assert departement_of(commune, postal, "", "", KNOWN) == expected


@pytest.mark.parametrize("region", ["971", "977", "978", "986"])
def test_the_fast_filter_and_the_rule_agree_overseas(region: str, tmp_path: Path) -> None:
    import numpy as np

    from ingest.files.lines import SLACK, examine
    from ingest.sources.annuaire.layout import read_header

    places = [
        ("97127", "97150"),
        ("97123", ""),
        ("97105", "97100"),
        ("", "97133"),
        ("98613", ""),
        ("67482", "67000"),
    ]
    head = read_header(header(ACTIVITES_LAYOUT), name="x")
    text = "".join(
        f"{line(ACTIVITES_LAYOUT, code_commune_source=c, code_postal=p)}\n" for c, p in places
    ).encode()
    data = np.frombuffer(text + b"\0" * SLACK, np.uint8)
    lines = examine(data, len(text), head, lambda _lines: []).sound
    kept = RegionFilter({region}, KNOWN)(lines).tolist()
    assert kept == [departement_of(c, p, "", "", KNOWN) == region for c, p in places]


# -- extractions made for other uses --------------------------------------------------------------------

PSC = (
    "Type d'identifiant PP|Identifiant PP|Identification nationale PP|Nom de famille|Prénoms|Date de naissance|"
    "Code commune de naissance|Code sexe|Téléphone (coord. correspondance)|Code profession|"
    "Code catégorie professionnelle|Nom d'exercice|Prénom d'exercice|Code type savoir-faire|Code savoir-faire|"
    "Code mode exercice|Code secteur d'activité|Numéro Voie (coord. structure)|Code type de voie (coord. structure)|"
    "Libellé Voie (coord. structure)|Code postal (coord. structure)|Code commune (coord. structure)|"
    "Autres identifiants|Code genre d'activité"
)
BORN = (
    "8|10900000001|810900000001|NAISSANCE|Zoé|01/01/1970|67482|2|0388019955|10|C|INVENTE|Anne|S|SM54|L|SA07|1|R|"
    "DU PONT|67000|67482|1:101|GENR01"
)


@pytest.mark.parametrize("packed", [False, True])
def test_codes_are_named_and_births_are_kept_nowhere(
    tmp_path: Path, settings: Settings, packed: bool
) -> None:
    broken = "8|10900000002|810900000002|NAISSANCE2|01/02/1971"
    ground(settings)
    path = written(tmp_path / "Extraction_Personne_activite_202601140800.txt", f"{PSC}\n{BORN}\n{broken}\n")
    if packed:
        archive = tmp_path / "Extraction_202601140800.zip"
        with zipfile.ZipFile(archive, "w") as out:
            out.write(path, path.name)
        path = archive
    report = ingest("annuaire", settings, path)
    found = Lake(settings).scan(ACTIVITES).collect().row(0, named=True)
    assert (found["code_genre_activite"], found["libelle_profession"]) == ("GENR01", "Médecin")
    assert (found["libelle_mode_exercice"], found["libelle_specialite"]) == ("Libéral", "Médecine générale")
    assert report.rejets == {"5 champs au lieu de 24": 1}
    assert any(
        "ni lues ni archivées" in warning and "Date de naissance" in warning
        for warning in report.avertissements
    )
    # Neither the archive, nor the tables, nor the journal of rejected lines.
    kept = b"".join(one.read_bytes() for one in Path(settings.lake).rglob("*") if one.is_file())
    for personal in (b"NAISSANCE", b"01/01/1970", b"01/02/1971", b"0388019955"):
        assert personal not in kept
    if packed:
        (raw,) = Path(settings.lake).rglob("*.zip")
        with zipfile.ZipFile(raw) as archive_:
            content = archive_.read(archive_.namelist()[0])
    else:
        (raw,) = Path(settings.lake).rglob("*.txt")
        content = raw.read_bytes()
    assert b"NAISSANCE" not in content
    assert content.count(b"\n") == 3
    # The same delivery is recognised.
    assert ingest("annuaire", settings, path).statut == "deja_publiee"


def test_what_is_personal_is_told_by_its_heading() -> None:
    for label in (
        "Date de naissance",
        "Lieu de naissance",
        "Code sexe",
        "Adresse e-mail (coord. correspondance)",
        "Prénoms",
    ):
        assert is_personal(label)
    for column in ACTIVITES_LAYOUT.columns:
        assert not is_personal(column.label)


def test_control_characters_do_not_reach_the_tables(tmp_path: Path, settings: Settings) -> None:
    ground(settings)
    lines = [
        activite(**person(1), nom_exercice="DU\tPONT\x07"),
        activite(**person(2), raison_sociale_site="\x0b"),
    ]
    path = written(
        tmp_path / "PS_LibreAcces_Personne_activite_202601140800.txt",
        "\n".join([header(ACTIVITES_LAYOUT), *lines, ""]),
    )
    ingest("annuaire", settings, path)
    found = Lake(settings).scan(ACTIVITES).collect().sort("identification_nationale_pp")
    assert found["nom_exercice"].to_list() == ["DU PONT", "DURAND"]
    assert found["raison_sociale_site"].to_list() == [None, None]


def test_lines_that_end_by_a_carriage_return_alone_are_lines(tmp_path: Path, settings: Settings) -> None:
    ground(settings)
    text = "\r".join([header(ACTIVITES_LAYOUT), activite(**person(1)), activite(**person(2)), ""])
    path = written(tmp_path / "PS_LibreAcces_Personne_activite_202601140800.txt", text)
    assert ingest("annuaire", settings, path).total("publiees") == 2


# -- Ségur: closed lists, numbers -----------------------------------------------------------------------


def month(
    folder: Path,
    *lines: str,
    name: str = "segur_2022-11.csv",
    header_: str = "mois;indicateur;departement;profession;valeur",
) -> Path:
    return written(folder / name, "\n".join([header_, *lines, ""]))


@pytest.mark.parametrize(
    ("given", "code", "label"),
    [
        ("41", "41", "Assistant de service social"), ("73", "73", "Chiropracteur"), ("97", "97", "Profession 97"),
        ("Chiropracteurs", "73", "Chiropracteur"), ("infirmières", "60", "Infirmier"),
        ("Sage femme", "50", "Sage-Femme"),
        ("Manipulateur d'électroradiologie médicale", "98", "Manipulateur ERM"), ("Médecins", "10", "Médecin"),
        ("Conseiller en génétique", None, "Conseiller en génétique"),
    ],
)  # fmt: skip
def test_a_profession_that_the_list_lacks_does_not_refuse_the_month(
    tmp_path: Path, settings: Settings, given: str, code: str | None, label: str
) -> None:
    report = ingest("segur", settings, month(tmp_path, f"{MONTH};psc_e_cps;67;{given};10"), budget=0.0)
    lake = Lake(settings)
    found = lake.scan(segur.MESURES).collect()["profession"].item()
    names = dict(lake.scan(segur.PROFESSIONS).select("code_profession", "profession").collect().iter_rows())
    assert code in (None, found)
    assert names[found] == label
    unlisted = label in ("Profession 97", "Conseiller en génétique")
    assert (
        any("hors de la liste" in warning and label in warning for warning in report.avertissements)
        == unlisted
    )


def test_the_list_grows_by_a_file_and_keeps_what_it_learnt(tmp_path: Path, settings: Settings) -> None:
    ingest("segur", settings, month(tmp_path, f"{MONTH};psc_e_cps;67;97;10"))
    named = month(
        tmp_path, "97;Assistant médical", name="professions.csv", header_="code_profession;profession"
    )
    ingest("segur", settings, named)
    report = ingest(
        "segur",
        settings,
        month(
            tmp_path,
            "2022-12-01;psc_e_cps;67;Assistants médicaux;3",
            "2022-12-01;psc_e_cps;68;97;4",
            name="segur_2022-12.csv",
        ),
    )
    lake = Lake(settings)
    names = dict(lake.scan(segur.PROFESSIONS).select("code_profession", "profession").collect().iter_rows())
    assert names["97"] == "Assistant médical"
    assert names["10"] == "Médecin"
    assert report.total("rejetees") == 0


@pytest.mark.parametrize(
    ("given", "beside", "expected"),
    [
        ("1 234", "5", 1234), ("1\u202f234", "5", 1234), ("1'234", "5", 1234), ("1’234", "5", 1234),
        ("12.500", "5", 12500), ("12,500", "5", 12500), ("1.234.567", "5", 1234567),
        ("1.000", "12.500", 1000), ("1,000", "3,250", 1000), ("1.000", "1,5", None),
        ("1.000", "5", None), ("1,000", "12.500", None), ("12,5", "5", None), ("<5", "5", None), ("5,0", "5", 5),
    ],
)  # fmt: skip
def test_a_number_that_could_be_two_things_is_refused(
    tmp_path: Path, settings: Settings, given: str, beside: str, expected: int | None
) -> None:
    lines = [f"{MONTH};psc_connexions;67;;{given}", f"{MONTH};psc_connexions;68;;{beside}"]
    report = ingest("segur", settings, month(tmp_path, *lines, f"{MONTH};psc_connexions;57;;7"))
    rows = Lake(settings).scan(segur.MESURES).filter(pl.col("code_departement") == "67").collect()
    assert rows["valeur"].to_list() == ([] if expected is None else [expected])
    if given == "1.000" and expected is None:
        assert any("nombre ambigu" in why for why in report.rejets)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_what_excel_writes_is_read_as_it_was_typed(tmp_path: Path, settings: Settings, encoding: str) -> None:
    text = (
        "mois;indicateur;departement;editeur;valeur;;\r\n"
        f"{MONTH};psc_connexions;Bas-Rhin;Éditeur de l’Est – cœur, 50 €…;1 234;;\r\n;;;;;;\r\n"
    )
    ingest("segur", settings, written(tmp_path / "segur_2022-11.csv", text, encoding))
    found = Lake(settings).scan(segur.MESURES).collect().row(0, named=True)
    assert (found["editeur"], found["valeur"]) == ("Éditeur de l’Est – cœur, 50 €…", 1234)


# -- territories ----------------------------------------------------------------------------------------

MVT = (
    "MOD,DATE_EFF,TYPECOM_AV,COM_AV,TNCC_AV,NCC_AV,NCCENR_AV,LIBELLE_AV,TYPECOM_AP,COM_AP,TNCC_AP,NCC_AP,NCCENR_AP,"
    "LIBELLE_AP"
)


def movement(kind: int, day: str, before: str, name: str, after: str, now: str) -> str:
    return f"{kind},{day},COM,{before},0,X,X,{name},COM,{after},0,Y,Y,{now}"


def commune_of(label: str, postal: str, fusions: pl.DataFrame, code: str | None = None) -> str | None:
    reference = load()
    row = pl.DataFrame(
        {
            "code_commune_source": [code],
            "libelle_commune_source": [label],
            "code_postal": [postal],
            "bureau_cedex": [None],
        },
        schema=dict.fromkeys(
            ("code_commune_source", "libelle_commune_source", "code_postal", "bureau_cedex"), pl.String
        ),
    )
    found = attach_communes(row, reference.communes, reference.codes_postaux, fusions)["code_commune"].item()
    return None if found is None else str(found)


@pytest.mark.parametrize(
    ("label", "postal", "code", "expected"),
    [
        ("SIGOLSHEIM", "68240", None, "68162"), ("", "", "68310", "68162"), ("KAYSERSBERG", "68240", None, "68162"),
        ("SINGRIST", "67440", None, "67004"), ("", "67440", "67469", "67004"), ("DIDENHEIM", "68350", None, "68056"),
        ("CAPAVENIR VOSGES", "88150", None, "88465"), ("CHALONS SUR MARNE", "51000", None, "51108"),
        ("BRUNSTATT", "68350", None, "68056"), ("BRIEY", "54150", None, "54099"),
    ],
)  # fmt: skip
def test_communes_merged_or_renamed_since_2010_are_found(
    label: str, postal: str, code: str | None, expected: str
) -> None:
    assert commune_of(label, postal, load().fusions, code) == expected


def test_a_name_that_a_movement_file_changes_is_remembered(tmp_path: Path) -> None:
    lines = [
        MVT,
        movement(10, "2030-01-01", "67482", "Argentoratum", "67482", "Strasbourg"),
        movement(10, "2031-01-01", "67482", "Strateburgum", "67482", "Strasbourg"),
        movement(10, "2032-01-01", "67447", "Schiltigheim", "67447", "Schiltigheim"),
        movement(20, "2033-01-01", "67043", "Bischheim", "67043", "Autre"),
    ]
    out = territoires([written(tmp_path / "v_mvt_commune_2026.csv", "\n".join([*lines, ""]))])
    frame = out["fusions"].frame
    kept = frame.filter(pl.col("ancien_code_commune") == "67482")["ancienne_commune"].to_list()
    assert kept == ["Argentoratum", "Strateburgum"]
    assert frame.filter(pl.col("ancien_code_commune").is_in(["67447", "67043"])).is_empty()
    assert frame.height == load().fusions.height + 2
    assert commune_of("STRATEBURGUM", "67000", frame) == "67482"


def test_a_commune_in_two_epci_is_said(tmp_path: Path) -> None:
    known = load().communes.filter(pl.col("code_commune") == "57089")["siren_epci"].item()
    others = [one for one in load().epci["siren_epci"].to_list() if one != known][:1]
    lists = [
        {"code": siren, "nom": f"CC {siren}", "type": "CC", "membres": [{"code": "57089", "nom": "Bitche"}]}
        for siren in (*others, known)
    ]
    path = tmp_path / "epci.json"
    path.write_text(json.dumps(lists), encoding="utf-8")
    communes = territoires([path])["communes"]
    assert communes.rejects["motif"].to_list() == [f"commune 57089 dans deux EPCI : {known} est gardé"]
    assert communes.frame.filter(pl.col("code_commune") == "57089")["siren_epci"].item() == known


def test_what_a_re_established_commune_lacks_is_said(tmp_path: Path) -> None:
    here = load().communes.filter(pl.col("code_departement") == "67")
    cog = ["TYPECOM,COM,REG,DEP,CTCD,ARR,TNCC,NCC,NCCENR,LIBELLE,CAN,COMPARENT"]
    cog += [
        f"COM,{code},44,67,6AE,671,0,X,X,{name},6701,"
        for code, name in here.select("code_commune", "commune").iter_rows()
    ]
    cog.append("COM,67014,44,67,6AE,671,0,X,X,Auenheim,6701,")
    communes = territoires([written(tmp_path / "v_commune_2027.csv", "\n".join([*cog, ""]))])["communes"]
    said = " ".join(communes.warnings)
    for lacking in (
        "1 commune sans EPCI (Auenheim, 67014)",
        "1 commune sans population connue",
        "1 commune sans code postal connu",
    ):
        assert lacking in said
    assert "Auenheim (67014) est rétablie : ses habitants restent comptés à 67418" in said


def test_populations_written_with_groups_of_three_are_whole_numbers() -> None:
    from ingest.sources.territoires.reading import whole

    assert [whole(text) for text in ("1.000", "1,000", "1 234", "1\u202f234", "12", "1.234.567", "12.0", "?")] == [
        1000, 1000, 1234, 1234, 12, 1234567, 12, None,
    ]  # fmt: skip


# -- named places of the BAN ----------------------------------------------------------------------------

PLACES = (
    "id;nom_lieu_dit;code_postal;code_insee;nom_commune;code_insee_ancienne_commune;nom_ancienne_commune;x;y;lon;lat;"
    "source_position;source_nom_voie"
)
PLACE = "67482_abcde;Le Neuhof;67100;67482;Strasbourg;;;1050000;6840000;7.766;48.535;commune;commune"


def test_named_places_complete_the_addresses(tmp_path: Path, settings: Settings) -> None:
    addresses = written(tmp_path / "adresses-67.csv", f"{BAN_HEADER}\n{address('1')}\n{address('2')}\n")
    places = written(
        tmp_path / "lieux-dits-67-beta.csv", f"{PLACES}\n{PLACE}\n{PLACE.replace(';Le Neuhof', '')}\n"
    )
    ingest("ban", settings, addresses)
    report = ingest("ban", settings, places)
    assert (report.total("lues"), report.total("publiees"), report.total("rejetees")) == (4, 3, 1)
    assert report.chiffres["adresses gardées du lac"] == 2
    found = Lake(settings).scan(ADRESSES).collect()
    assert found.filter(pl.col("nom_lieu_dit") == "Le Neuhof").select("numero", "code_commune").row(0) == (
        None,
        "67482",
    )
    # Delivered together, they are one delivery.
    assert ingest("ban", settings, addresses, places).total("publiees") == 3
    # A new delivery of addresses replaces the department: nothing of the lake is kept.
    assert (
        ingest(
            "ban", settings, written(tmp_path / "adresses-67.csv", f"{BAN_HEADER}\n{address('1')}\n")
        ).total("publiees")
        == 1
    )
