"""The ``corrections`` source: an operator's correction file, checked line by line, kept as a history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from ingest.geocode.locate import locate
from ingest.source import REJECTS_SCHEMA, Context, Fall, Parsed, Snapshot
from ingest.sources.annuaire.territories import NEEDED, Territories
from ingest.sources.corrections.checks import Home, Refused, Region, point, site, which, withdrawn
from ingest.sources.corrections.reading import Delivered, read
from lake.catalog.annuaire import ACTIVITES, PRECISIONS_LOCALISEES
from lake.catalog.ban import ADRESSES
from lake.catalog.corrections import ADDRESS, CORRECTIONS, address_key, in_force, site_address
from lake.contract import Table
from lake.errors import ContractError, MissingTable

SAME_DEGREES = 1e-6
"""Two points closer than this (about 10 cm) are the same point."""
_SAID = 20
"""Refused lines that the report names; the journal holds them all."""


class Corrections:
    """Source ``corrections`` (see :class:`ingest.source.Source`)."""

    name = "corrections"
    title = "Corrections de localisation"
    licence = CORRECTIONS.licence
    tables: tuple[Table, ...] = (CORRECTIONS,)
    budget = 1.0  # typed by hand: a wrong line never holds back the good ones
    falls: tuple[Fall, ...] = ()  # corrections are added, nothing is replaced
    depends: tuple[Table, ...] = (*NEEDED, ADRESSES, ACTIVITES)

    def urls(self, region: str) -> Mapping[str, str]:  # noqa: ARG002 — nothing to download
        """Nothing is published: the file is ours."""
        return {}

    def date_of(self, paths: Sequence[Path]) -> date | None:  # noqa: ARG002 — a correction has no vintage
        """A correction holds until another replaces it: it has no date of its own."""
        return None

    def parse(self, snapshot: Snapshot, context: Context) -> Iterator[Parsed]:
        """Read the files; yield the decisions that are new, to be added to the history.

        Raises:
            ContractError: no file, an unreadable header, or no line was completed.
            MissingTable: the territories were never ingested.
        """
        if not snapshot.files:
            raise ContractError(
                "Aucun fichier de corrections n'a été donné.",
                conseil="Écrivez : obs ingest corrections FICHIER.",
            )
        delivered = [read(file.path, file.name) for file in snapshot.files]
        untouched = sum(one.untouched for one in delivered)
        if not sum(one.lues for one in delivered):
            names = ", ".join(file.name for file in snapshot.files)
            raise ContractError(
                f"{names} : aucune ligne n'est complétée (lignes laissées telles quelles : {untouched}).",
                conseil="Complétez longitude et latitude, ou adresse, puis rendez le fichier.",
            )
        yield from _Delivery.open(delivered, context).outcome(untouched)


SOURCE = Corrections()


@dataclass(frozen=True)
class _Line:
    """One completed line, as far as it is settled."""

    fichier: str
    ligne: int
    contenu: str
    id_site: str = ""
    adresse_registre: str = ""
    retrait: bool = False
    longitude: float | None = None
    latitude: float | None = None
    geo_precision: str | None = None
    geo_score: float | None = None
    code_commune: str | None = None
    adresse: str | None = None
    code_postal: str | None = None
    commentaire: str | None = None

    def says(self) -> tuple[object, ...]:
        """What makes two lines about an address of a site the same decision."""
        where = self.adresse and self.adresse.casefold() if self.longitude is None else None
        return self.retrait, self.longitude, self.latitude, where, self.code_commune


class _Delivery:
    """The lines of one delivery against one lake."""

    def __init__(
        self,
        delivered: Sequence[Delivered],
        context: Context,
        region: Region,
        homes: Mapping[str, Sequence[Home]] | None,
        current: Mapping[tuple[str, str], Mapping[str, object]],
    ) -> None:
        self.delivered, self.context, self.region = delivered, context, region
        self.homes, self.current = homes, current
        self.rejects: list[tuple[str, int, str, str]] = []
        self.doublons = 0

    @classmethod
    def open(cls, delivered: Sequence[Delivered], context: Context) -> _Delivery:
        """Read what the lake knows of the region, of the sites and of the corrections in force."""
        territories = Territories.read(context)
        communes = territories.communes
        mine = communes.filter(pl.col("code_departement").is_in(sorted(territories.wanted)))
        centres = mine.select("code_commune", "longitude", "latitude").drop_nulls()
        merged = territories.fusions.select("ancien_code_commune", "code_commune")
        region = Region(
            {code: (x, y) for code, x, y in centres.iter_rows()},
            frozenset(communes["code_commune"]),
            dict(merged.iter_rows()),
        )
        return cls(delivered, context, region, _homes(context), _in_force(context))

    def outcome(self, untouched: int) -> Iterator[Parsed]:
        """What the delivery adds, and the geocoder's memory if it grew."""
        lues = sum(one.lues for one in self.delivered)
        for one in self.delivered:
            self.rejects += list(one.rejects.iter_rows())
        settled = self._without_conflicts(list(self._lines()))
        placed, memory = self._geocoded(settled)
        if memory is not None:
            yield memory
        new = [line for line in placed if not self._already(line)]
        self.doublons += len(placed) - len(new)
        rejects = pl.DataFrame(self.rejects, schema=REJECTS_SCHEMA, orient="row").sort("fichier", "ligne")
        yield Parsed(
            table=CORRECTIONS,
            frame=_frame(new),
            lues=lues,
            doublons=self.doublons,
            rejects=rejects,
            append=True,
            warnings=[*self._remarks(), *_named(rejects)],
            figures={
                "corrections par coordonnées": sum(line.adresse is None and not line.retrait for line in new),
                "corrections par adresse": sum(line.adresse is not None for line in new),
                "corrections retirées": sum(line.retrait for line in new),
                "corrections déjà en vigueur ou répétées": self.doublons,
                "lignes non complétées, laissées de côté": untouched,
            },
        )

    def _remarks(self) -> list[str]:
        said = []
        if self.homes is None:
            said.append("aucune extraction dans le lac : les identifiants n'ont pas pu être vérifiés")
        if ignored := sorted({column for one in self.delivered for column in one.ignored}):
            said.append(f"colonnes inconnues, non lues : {', '.join(ignored)}")
        return said

    def _refuse(self, line: _Line, why: str) -> None:
        self.rejects.append((line.fichier, line.ligne, why, line.contenu))

    # -- line by line --------------------------------------------------------------------------------

    def _lines(self) -> Iterator[_Line]:
        for one in self.delivered:
            for row in one.rows.iter_rows(named=True):
                line = _Line(row["fichier"], row["ligne"], row["contenu"])
                try:
                    settled = self._settled(line, row)
                except Refused as refusal:
                    self._refuse(line, str(refusal))
                    continue
                yield from settled

    def _settled(self, line: _Line, row: Mapping[str, str | None]) -> list[_Line]:
        """The decisions of a line: one, or the withdrawal of all that is in force on a site.

        Raises:
            Refused: the line cannot be a decision.
        """
        found = site(row["identifiant_structure"])
        if self.homes is not None and found not in self.homes:
            raise Refused("identifiant inconnu des extractions du lac")
        told = _key(row[ADDRESS])
        line = replace(line, id_site=found, adresse_registre=told, commentaire=row["commentaire"])
        places = [name for name in ("longitude", "latitude", "adresse") if row[name]]
        if withdrawn(row["retirer"]):
            if places:
                raise Refused(f"retirer = oui et {places[0]} se contredisent")
            known = [key for key in self.current if key[0] == found and (not told or key[1] == told)]
            if not known:
                raise Refused("aucune correction en vigueur à retirer")
            return [replace(line, retrait=True, adresse_registre=address) for _, address in known]
        if not places:
            raise Refused("ni coordonnées, ni adresse")
        given = self.region.commune(row["code_commune"]) if row["code_commune"] else None
        address = which(self.homes[found], told, given) if self.homes is not None else Home(told, None, False)
        home = given or address.code_commune
        if home is None:
            raise Refused("commune du site inconnue : donnez code_commune")
        line = replace(line, code_commune=given or home, adresse_registre=address.adresse)
        if row["longitude"] or row["latitude"]:
            x, y = point(row["longitude"], row["latitude"], self.region, home)
            return [replace(line, longitude=x, latitude=y, geo_precision="numero", geo_score=1.0)]
        return [replace(line, adresse=row["adresse"], code_postal=row["code_postal"])]

    def _without_conflicts(self, lines: list[_Line]) -> list[_Line]:
        """One line an address: the same decision twice is a duplicate, two are refused with their lines."""
        by_site: dict[tuple[str, str], list[_Line]] = {}
        for line in lines:
            by_site.setdefault((line.id_site, line.adresse_registre), []).append(line)
        kept = []
        for same in by_site.values():
            if len({line.says() for line in same}) == 1:
                kept.append(same[0])
                self.doublons += len(same) - 1
                continue
            several = len({line.fichier for line in same}) > 1
            where = [f"{line.fichier} ligne {line.ligne}" if several else str(line.ligne) for line in same]
            listed = f"{', '.join(where[:-1])} et {where[-1]}"
            for line in same:
                self._refuse(line, f"identifiant en double, décisions différentes : lignes {listed}")
        return kept

    # -- addresses -----------------------------------------------------------------------------------

    def _geocoded(self, lines: list[_Line]) -> tuple[list[_Line], Parsed | None]:
        """The lines with the point of their address; those whose address is not found are refused."""
        asked = [line for line in lines if line.adresse is not None]
        if not asked:
            return lines, None
        rows = pl.DataFrame(
            {
                "libelle_voie": [line.adresse for line in asked],
                "code_postal": [line.code_postal for line in asked],
                "code_commune": [line.code_commune for line in asked],
            },
            schema=dict.fromkeys(("libelle_voie", "code_postal", "code_commune"), pl.String),
        ).with_columns(code_departement=_departement())
        located = locate(rows, self.context)
        answers = dict(zip(map(id, asked), located.frame.iter_rows(named=True), strict=True))
        placed = []
        for line in lines:
            answer = answers.get(id(line))
            if answer is None:
                placed.append(line)
            elif answer["geo_precision"] not in PRECISIONS_LOCALISEES:
                self._refuse(
                    line, f"adresse introuvable dans la commune {line.code_commune} ({line.adresse})"
                )
            else:
                x, y = answer["longitude"], answer["latitude"]
                found = {name: answer[name] for name in ("geo_precision", "geo_score")}
                commune = answer["code_commune_trouve"] or line.code_commune
                placed.append(replace(line, longitude=x, latitude=y, code_commune=commune, **found))
        return placed, None if located.memory.is_empty() else located.memory_parsed()

    def _already(self, line: _Line) -> bool:
        """Whether the decision is the one in force."""
        known = self.current.get((line.id_site, line.adresse_registre))
        if line.retrait or known is None:
            return False
        x, y = known["longitude"], known["latitude"]
        assert isinstance(x, float)
        assert isinstance(y, float)
        assert line.longitude is not None
        assert line.latitude is not None
        near = abs(x - line.longitude) < SAME_DEGREES and abs(y - line.latitude) < SAME_DEGREES
        return near and known["code_commune"] == line.code_commune


def _departement() -> pl.Expr:
    code = pl.col("code_commune")
    return (
        pl.when(code.str.starts_with("97") | code.str.starts_with("98"))
        .then(code.str.head(3))
        .otherwise(code.str.head(2))
    )


def _homes(context: Context) -> dict[str, list[Home]] | None:
    """The addresses of every site of the lake's extractions, as the newest gives them; None without extraction."""
    try:
        scan = context.scan(ACTIVITES)
    except MissingTable:
        return None
    address = site_address(scan.collect_schema().names()).alias("adresse")
    rows = scan.filter(pl.col("id_site").is_not_null()).select(
        "id_site", "code_commune", "geo_precision", "geo_source", "date_extraction", address
    )
    newest = (
        rows.filter(pl.col("date_extraction") == pl.col("date_extraction").max().over("id_site"))
        .group_by("id_site", "adresse")
        .agg(
            pl.col("code_commune").drop_nulls().first(),
            trouvee=((pl.col("geo_precision") == "numero") & (pl.col("geo_source") != "correction")).all(),
        )
        .sort("id_site", "adresse")
        .collect()
    )
    homes: dict[str, list[Home]] = {}
    for identifier, address_text, commune, found in newest.iter_rows():
        homes.setdefault(identifier, []).append(Home(address_text, commune, bool(found)))
    return homes


def _key(text: str | None) -> str:
    """An address as corrections are keyed by it."""
    return str(pl.select(address_key(pl.lit(text or ""))).item())


def _in_force(context: Context) -> dict[tuple[str, str], Mapping[str, object]]:
    try:
        rows = in_force(context.scan(CORRECTIONS)).collect()
    except MissingTable:
        return {}
    return {(row["id_site"], row[ADDRESS]): row for row in rows.iter_rows(named=True)}


def _frame(lines: Sequence[_Line]) -> pl.DataFrame:
    now = datetime.now(UTC)
    rows = [{**vars(line), "enregistree_le": now} for line in lines]
    dtypes = CORRECTIONS.dtypes()
    return pl.DataFrame([{name: row[name] for name in dtypes} for row in rows], schema=dtypes)


def _named(rejects: pl.DataFrame) -> list[str]:
    """The first refused lines, each told by its number and reason."""
    said = [
        f"{row['fichier']}, ligne {row['ligne']} refusée : {row['motif']}"
        for row in rejects.head(_SAID).iter_rows(named=True)
    ]
    if rejects.height > _SAID:
        said.append(f"{rejects.height - _SAID} autres lignes refusées : obs lake rejets --source corrections")
    return said
