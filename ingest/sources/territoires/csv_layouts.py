"""The official CSV files: INSEE's COG and populations, La Poste's postal codes, the compiled table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ingest.sources.territoires.reading import Reading, Row, decimal, nature_of, unrecognised, whole
from lake.delimited import Cells, cut, refuse_twice
from lake.errors import ContractError

Line = tuple[int, dict[str, str], str]
"""Line number, fields by header name, raw text."""


def read_csv(payload: bytes, name: str) -> Reading:
    """Recognise a CSV by its header (comma or semicolon) and read it.

    Raises:
        ContractError: no known header, no line, or bytes that are no text.
    """
    cells = cut(payload, name)
    header = [_header(cell) for cell in cells.header]
    known = set(header)
    for required, layout, parse in _CSV_LAYOUTS:
        if required <= known:
            refuse_twice(header, f"{name}, ligne {cells.ligne}")
            reading = Reading(name, layout)
            for one in cells.broken:
                reading.reject(_MAIN_OBJECT[layout], one.ligne, one.motif, one.contenu)
            parse(reading, _lines(cells, header))
            if not any(reading.rows.values()) and not any(reading.rejects.values()):
                raise ContractError(
                    f"Le fichier « {name} » ({layout}) ne contient aucune ligne.",
                    conseil="Téléchargez-le de nouveau.",
                )
            return reading
    raise unrecognised(name)


def _header(cell: str) -> str:
    return cell.strip().lstrip("#").strip().lower()


def _lines(cells: Cells, header: Sequence[str]) -> Iterator[Line]:
    rows = cells.rows.select("ligne", *(f"c{rank}" for rank in range(len(header))))
    for ligne, *fields in rows.iter_rows():
        values = ["" if field is None else field for field in fields]
        yield ligne, dict(zip(header, values, strict=True)), cells.separator.join(values)


def _cog(reading: Reading, lines: Iterator[Line]) -> None:
    """INSEE's list; delegated and associated communes and arrondissements lead to their commune.

    The delegated commune of the chief town has the code of the whole, and a name of its own.
    """
    for ligne, f, raw in lines:
        if f["typecom"] == "COM":
            reading.add(
                "communes", ligne, raw,
                code_commune=f["com"], commune=f["libelle"], code_departement=f["dep"], code_region=f["reg"],
            )  # fmt: skip
        elif f["com"] != f["comparent"] or f["typecom"] in ("COMD", "COMA"):
            reading.add(
                "fusions", ligne, raw,
                ancien_code_commune=f["com"], ancienne_commune=f["libelle"], code_commune=f["comparent"],
                date_effet="",
            )  # fmt: skip


# INSEE's kinds of events that end a commune's code or name: change of name, deletion, mergers, change of code.
_ENDING = {"10", "30", "31", "32", "33", "41", "50"}


def _movements(reading: Reading, lines: Iterator[Line]) -> None:
    for ligne, f, raw in lines:
        communes = f["typecom_av"] == "COM" and f["typecom_ap"] == "COM"
        other = f["com_av"] != f["com_ap"] or f.get("libelle_av") != f.get("libelle_ap")
        if communes and f["mod"] in _ENDING and other:
            reading.add(
                "fusions", ligne, raw,
                ancien_code_commune=f["com_av"], ancienne_commune=f.get("libelle_av"),
                code_commune=f["com_ap"], date_effet=f["date_eff"],
            )  # fmt: skip


def _departements(reading: Reading, lines: Iterator[Line]) -> None:
    for ligne, f, raw in lines:
        reading.add(
            "departements", ligne, raw,
            code_departement=f["dep"], departement=f["libelle"], code_region=f["reg"],
        )  # fmt: skip


def _regions(reading: Reading, lines: Iterator[Line]) -> None:
    for ligne, f, raw in lines:
        reading.add("regions", ligne, raw, code_region=f["reg"], region=f["libelle"])


def _populations(reading: Reading, lines: Iterator[Line]) -> None:
    for ligne, f, raw in lines:
        dep = f["coddep"].strip()
        # Overseas départements have three characters, and the commune's own part then counts two.
        code = dep + f["codcom"].strip()[-(5 - len(dep)) :]
        reading.add(
            "populations", ligne, raw,
            code_commune=code, population=whole(f["pmun"]), population_totale=whole(f.get("ptot")),
        )  # fmt: skip


def _melodi(reading: Reading, lines: Iterator[Line]) -> None:
    """INSEE's long layout: one line per commune, year and measure; the newest year counts."""
    wide: dict[tuple[str, str], Row] = {}
    for ligne, f, raw in lines:
        if f["geo_object"] != "COM" or f["popref_measure"] not in ("PMUN", "PTOT"):
            continue
        code = f["geo"].rsplit("-", 1)[-1]
        row = wide.setdefault((code, f["time_period"]), {"ligne": ligne, "raw": raw})
        row[f["popref_measure"]] = whole(f["obs_value"])
    newest = max((year for _code, year in wide), default="")
    for (code, year), row in wide.items():
        if year == newest:
            reading.add(
                "populations", row["ligne"], row["raw"],
                code_commune=code, population=row.get("PMUN"), population_totale=row.get("PTOT"),
            )  # fmt: skip


def _postal(reading: Reading, lines: Iterator[Line]) -> None:
    for ligne, f, raw in lines:
        reading.add(
            "codes_postaux", ligne, raw, code_postal=f["code_postal"], code_commune=f["code_commune_insee"]
        )


def _compiled(reading: Reading, lines: Iterator[Line]) -> None:
    """One flat line per commune with its EPCI and postal codes, as compiled from the npm package."""
    seen: set[str] = set()
    for ligne, f, raw in lines:
        reading.add(
            "communes", ligne, raw,
            code_commune=f["code_commune"], commune=f["nom"], code_departement=f["departement"],
            siren_epci=f["siren_epci"],
            population=whole(next((v for k, v in f.items() if k.startswith("pmun")), "")),
            population_totale=whole(next((v for k, v in f.items() if k.startswith("ptot")), "")),
            longitude=decimal(f.get("lon")), latitude=decimal(f.get("lat")),
        )  # fmt: skip
        siren = f["siren_epci"].strip()
        if siren and siren not in seen:
            seen.add(siren)
            reading.add(
                "epci", ligne, raw,
                siren_epci=siren, epci=f["nom_epci"], nature_epci=nature_of(f["nature_epci"], f["nom_epci"]),
            )  # fmt: skip
        for code_postal in filter(None, f["codes_postaux"].split("|")):
            reading.add("codes_postaux", ligne, raw, code_postal=code_postal, code_commune=f["code_commune"])


_CSV_LAYOUTS: tuple[tuple[set[str], str, Callable[[Reading, Iterator[Line]], None]], ...] = (
    ({"typecom", "com", "reg", "dep", "libelle", "comparent"}, "communes du COG", _cog),
    (
        {"mod", "date_eff", "typecom_av", "com_av", "typecom_ap", "com_ap"},
        "mouvements de communes",
        _movements,
    ),
    ({"coddep", "codcom", "pmun"}, "populations", _populations),
    ({"geo", "geo_object", "popref_measure", "time_period", "obs_value"}, "populations (Melodi)", _melodi),
    ({"code_commune_insee", "code_postal"}, "codes postaux de La Poste", _postal),
    (
        {"code_commune", "nom", "departement", "siren_epci", "nom_epci", "nature_epci", "codes_postaux"},
        "table des communes compilée",
        _compiled,
    ),
    ({"dep", "reg", "libelle"}, "départements du COG", _departements),
    ({"reg", "libelle", "cheflieu"}, "régions du COG", _regions),
)
_MAIN_OBJECT = {
    "communes du COG": "communes",
    "mouvements de communes": "fusions",
    "populations": "populations",
    "populations (Melodi)": "populations",
    "codes postaux de La Poste": "codes_postaux",
    "table des communes compilée": "communes",
    "départements du COG": "departements",
    "régions du COG": "regions",
}
