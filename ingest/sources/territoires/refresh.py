"""From official files and the packaged reference to the eight tables.

What the files carry replaces the reference; the rest stays. A list of communes replaces the départements that
it lists, whole; a postal code file replaces the codes of the communes that it lists; everything else is
replaced code by code. A commune that has disappeared gives its outline, its postal codes and (when no
population file says otherwise) its inhabitants to the commune that took it over.

Counts: every table counts the lines about its own object, and the rows of the reference that it keeps. A
line that only completes another table's row (a population, an EPCI membership) is counted there when it is
refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from ingest.source import Parsed
from ingest.sources.territoires import former, geometry, outlines
from ingest.sources.territoires.inhabitants import renew, say_gaps, take_over
from ingest.sources.territoires.reading import Reading
from ingest.sources.territoires.reference import Territoires
from ingest.sources.territoires.settle import (
    COMMUNE,
    Settled,
    departement_code,
    form,
    missing,
    rejected,
    rows_of,
    settle,
    unreadable,
)
from lake.catalog import territoires as catalog
from lake.errors import UnknownName
from lake.words import agreed

FRANCE = "france"
NO_EPCI = "ZZZZZZZZZ"  # INSEE's mark for a commune outside any EPCI

_DEPARTEMENT = r"^(2[AB]|[0-9]{2,3})$"


class Refresh:
    """One refresh: the reference, the files read, and the region whose communes are published.

    Args:
        reference: what is known already.
        readings: the files, those that list communes best first (see :func:`by_authority`).
        region: INSEE code of the région, or ``france``.

    Raises:
        UnknownName: the région exists neither in the reference nor in the files.
    """

    def __init__(self, reference: Territoires, readings: Sequence[Reading], region: str) -> None:
        self.reference = reference
        self.readings = by_authority(readings)
        self.regions = self._regions()
        self.departements = self._departements()
        known = self.regions.frame["code_region"].to_list()
        if region != FRANCE and region not in known:
            raise UnknownName("région", region, [*known, FRANCE])
        frame = self.departements.frame
        if region != FRANCE:
            frame = frame.filter(pl.col("code_region") == region)
        self.region = region
        self.wanted = frame["code_departement"].to_list()
        self._region_of = dict(self.departements.frame.select("code_departement", "code_region").iter_rows())

    def tables(self) -> list[Parsed]:
        """The eight tables, in the order of publication."""
        names = self._names()
        communes = self._communes(names)
        in_force = set(communes.frame["code_commune"])
        successors = former.successors(self.reference, self.readings, in_force)
        own = dict(communes.frame.select("code_commune", "commune").iter_rows())
        fusions = former.communes(self.reference, self.readings, self.wanted, own, successors)
        take_over(communes, self.reference, self.readings, self.wanted, successors)
        renew(communes, self.readings, self.wanted, successors)
        contours = outlines.build(
            self.reference.contours, self.readings, communes.frame, self.departements.frame,
            successors, departement_code("code").is_in(self.wanted),
        )  # fmt: skip
        self._centres(communes, contours.frame)
        postal = self._postal(in_force, successors)
        say_gaps(communes, postal.frame, self.reference)
        return [
            self.regions,
            self._with_centres(self.departements, "departement", "code_departement", contours.frame),
            self._epci(names, communes.frame, contours.frame),
            postal,
            fusions,
            self._partners(communes.frame),
            contours,
            communes,
        ]

    # --- nomenclatures, never limited to the region ---------------------------------------------------

    def _merge(self, table: str, settled: Settled) -> Parsed:
        """File rows over the reference's, code by code."""
        contract = next(t for t in catalog.TABLES if t.name == f"territoires__{table}")
        former: pl.DataFrame = getattr(self.reference, table)
        key = list(contract.key)
        columns = [name for name in contract.columns if name in settled.kept.columns]
        rest = [name for name in contract.columns if name not in columns]
        renewed = settled.kept.select(columns).join(former, on=key, how="left", suffix="_avant")
        renewed = renewed.with_columns(
            pl.coalesce(name, f"{name}_avant").alias(name)
            for name in columns
            if f"{name}_avant" in renewed.columns
        )
        stays = former.join(settled.kept, on=key, how="anti")
        frame = pl.concat([renewed.select(*columns, *rest).select(contract.columns), stays]).sort(key)
        return Parsed(
            table=contract, frame=frame, lues=settled.lues + stays.height, doublons=settled.doublons,
            hors_region=settled.hors_region, rejects=settled.rejects,
        )  # fmt: skip

    def _regions(self) -> Parsed:
        rows = rows_of(self.readings, "regions")
        checks = [form("code_region", r"^[0-9]{2,3}$", "code de région"), missing("region", "nom")]
        broken = unreadable(self.readings, "regions")
        return self._merge("regions", settle(rows, ["code_region"], malformed=checks, broken=broken))

    def _departements(self) -> Parsed:
        rows = rows_of(self.readings, "departements")
        known = self.regions.frame["code_region"].to_list()
        checks = [
            form("code_departement", _DEPARTEMENT, "code de département"),
            missing("departement", "nom"),
            (~pl.col("code_region").is_in(known), "région absente ou inconnue"),
        ]
        broken = unreadable(self.readings, "departements")
        return self._merge(
            "departements", settle(rows, ["code_departement"], malformed=checks, broken=broken)
        )

    # --- communes ---------------------------------------------------------------------------------------

    def _names(self) -> Settled:
        """The EPCI that the files name, before knowing which ones the communes use."""
        rows = rows_of(self.readings, "epci")
        known = self.reference.epci.select("siren_epci", avant="nature_epci")
        rows = (
            rows.join(known, on="siren_epci", how="left", maintain_order="left")
            .with_columns(nature_epci=pl.coalesce("nature_epci", "avant"))
            .drop("avant")
        )
        checks = [
            form("siren_epci", r"^[0-9]{9}$", "SIREN d'EPCI"),
            missing("epci", "nom"),
            (~pl.col("nature_epci").is_in(["CC", "CA", "CU", "ME"]), "nature d'EPCI inconnue"),
        ]
        return settle(rows, ["siren_epci"], malformed=checks, broken=unreadable(self.readings, "epci"))

    def _communes(self, names: Settled) -> Parsed:
        epci = {*self.reference.epci["siren_epci"], *names.kept["siren_epci"]}
        rows = rows_of(self.readings, "communes").with_columns(
            siren_epci=pl.when(pl.col("siren_epci") != NO_EPCI).then("siren_epci")
        )
        membership, torn = self._memberships()
        rows = rows.join(
            membership.select("code_commune", membre="siren_epci"), on="code_commune", how="left",
            maintain_order="left",
        ).with_columns(siren_epci=pl.coalesce("membre", "siren_epci")).drop("membre")  # fmt: skip
        known = list(self._region_of)
        settled = settle(
            rows,
            ["code_commune"],
            malformed=[
                form("code_commune", COMMUNE, "code de commune"),
                missing("commune", "nom"),
                missing("code_departement", "département"),
                (~pl.col("code_departement").is_in(known), "département inconnu"),
                (
                    pl.col("code_departement") != departement_code("code_commune"),
                    "le département ne correspond pas au code de la commune",
                ),
            ],
            outside=~pl.col("code_departement").is_in(self.wanted),
            unfit=[
                (
                    (pl.col("siren_epci").is_not_null() & ~pl.col("siren_epci").is_in(sorted(epci))),
                    "EPCI inconnu (donnez aussi le fichier des EPCI)",
                )
            ],
            broken=unreadable(self.readings, "communes"),
        )
        former = self.reference.communes
        inside = former.filter(pl.col("code_departement").is_in(self.wanted))
        listed = settled.kept["code_departement"].unique().to_list()
        refused = rows.join(settled.kept, on="code_commune", how="anti")["code_commune"].to_list()
        # A line refused for its content says nothing against the commune: yesterday's row stays.
        stays = inside.join(settled.kept, on="code_commune", how="anti").filter(
            ~pl.col("code_departement").is_in(listed) | pl.col("code_commune").is_in(refused)
        )
        columns = catalog.COMMUNES.columns
        fresh = settled.kept.join(inside, on="code_commune", how="left", suffix="_avant").with_columns(
            *(
                pl.coalesce(c, f"{c}_avant").alias(c)
                for c in columns
                if c not in ("code_commune", "code_region")
            ),
            code_region=pl.col("code_departement").replace_strict(self._region_of, return_dtype=pl.String),
        )
        out = Parsed(
            table=catalog.COMMUNES,
            frame=pl.concat([fresh.select(columns), stays.select(columns)]).sort("code_commune"),
            lues=settled.lues + stays.height + former.height - inside.height,
            doublons=settled.doublons,
            hors_region=settled.hors_region + former.height - inside.height,
            rejects=settled.rejects,
        )
        out.rejects = pl.concat([out.rejects, rejected(torn)])
        out.lues += torn.height
        out = self._members(out, membership, epci, settled)
        if not out.frame.height:
            out.warnings.append(
                f"Aucune commune n'est connue pour la région {self.region} : la référence embarquée ne la "
                "couvre pas ; donnez les fichiers officiels (communes, EPCI, contours, codes postaux)."
            )
        return out

    def _memberships(self) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The EPCI of each commune that files say, and the lines that give a commune another one.

        A commune has one EPCI: between two, the one that it is known to have is kept, else the first.
        """
        rows = rows_of(self.readings, "appartenances").unique(
            ["code_commune", "siren_epci"], keep="first", maintain_order=True
        )
        known = self.reference.communes.select("code_commune", _su="siren_epci")
        rows = (
            rows.join(known, on="code_commune", how="left", maintain_order="left")
            .with_columns(_autre=(pl.col("siren_epci") != pl.col("_su")).fill_null(True))
            .sort("_autre", maintain_order=True)
        )
        first = pl.col("siren_epci").first().over("code_commune")
        said = pl.format("commune {} dans deux EPCI : {} est gardé", "code_commune", first)
        torn = rows.with_columns(motif=said).filter(pl.col("siren_epci") != first)
        return rows.unique("code_commune", keep="first", maintain_order=True), torn

    def _members(self, out: Parsed, membership: pl.DataFrame, epci: set[str], listed: Settled) -> Parsed:
        """A list of members given without a list of communes changes the EPCI of known communes."""
        if not membership.height:
            return out
        alone = membership.join(listed.kept, on="code_commune", how="anti").filter(
            departement_code("code_commune").is_in(self.wanted)
        )
        in_force = set(out.frame["code_commune"])
        bad = alone.filter(
            ~pl.col("code_commune").is_in(sorted(in_force)) | ~pl.col("siren_epci").is_in(sorted(epci))
        )
        out.rejects = pl.concat(
            [
                out.rejects,
                rejected(bad.with_columns(motif=pl.lit("appartenance à un EPCI d'une commune inconnue"))),
            ]
        )
        out.lues += bad.height
        good = alone.join(bad, on="code_commune", how="anti").select("code_commune", membre="siren_epci")
        out.frame = (
            out.frame.join(good, on="code_commune", how="left", maintain_order="left")
            .with_columns(siren_epci=pl.coalesce("membre", "siren_epci"))
            .drop("membre")
        )
        return out

    def _centres(self, communes: Parsed, contours: pl.DataFrame) -> None:
        """A commune without a known centre takes a point inside its outline."""
        lacking = communes.frame.filter(pl.col("longitude").is_null() | pl.col("latitude").is_null())
        if lacking.height:
            codes = set(lacking["code_commune"])
            shapes = {c: g for c, g in geometry.from_frame(contours, "commune").items() if c in codes}
            found = geometry.centres(shapes, "code_commune")
            communes.frame = communes.frame.update(found, on="code_commune", how="left")
            left = lacking.height - found.height
            if left:
                communes.warnings.append(
                    agreed(left, f"{left} commune(s) sans centre connu : donnez aussi leurs contours.")
                )

    # --- what follows from the communes -----------------------------------------------------------------

    def _with_centres(self, out: Parsed, maille: str, key: str, contours: pl.DataFrame) -> Parsed:
        found = geometry.centres(geometry.from_frame(contours, maille), key)
        out.frame = out.frame.update(found, on=key, how="left")
        return out

    def _epci(self, names: Settled, communes: pl.DataFrame, contours: pl.DataFrame) -> Parsed:
        out = self._merge("epci", names)
        used = out.frame.filter(pl.col("siren_epci").is_in(communes["siren_epci"].drop_nulls().to_list()))
        out.hors_region += out.frame.height - used.height
        population = communes.group_by("siren_epci").agg(pl.col("population").sum())
        out.frame = (
            used.drop("population")
            .join(population, on="siren_epci", how="left")
            .select(catalog.EPCI.columns)
            .sort("siren_epci")
        )
        return self._with_centres(out, "epci", "siren_epci", contours)

    def _postal(self, in_force: set[str], successors: Mapping[str, str]) -> Parsed:
        current = pl.col("code_commune").replace(dict(successors))
        rows = rows_of(self.readings, "codes_postaux").with_columns(code_commune=current)
        key = ["code_postal", "code_commune"]
        settled = settle(
            rows,
            key,
            malformed=[
                form("code_commune", COMMUNE, "code de commune"),
                form("code_postal", r"^[0-9]{5}$", "code postal"),
            ],
            outside=~departement_code("code_commune").is_in(self.wanted),
            unfit=[(~pl.col("code_commune").is_in(sorted(in_force)), "code postal d'une commune inconnue")],
            broken=unreadable(self.readings, "codes_postaux"),
        )
        renewed = settled.kept["code_commune"].unique().to_list()
        former = self.reference.codes_postaux.with_columns(code_commune=current)
        inside = former.filter(pl.col("code_commune").is_in(sorted(in_force)))
        stays = inside.filter(~pl.col("code_commune").is_in(renewed))
        single = stays.unique(key, maintain_order=True)
        return Parsed(
            table=catalog.CODES_POSTAUX,
            frame=pl.concat([settled.kept.select(key), single.select(key)]).sort(key),
            lues=settled.lues + stays.height + former.height - inside.height,
            doublons=settled.doublons + stays.height - single.height,
            hors_region=settled.hors_region + former.height - inside.height,
            rejects=settled.rejects,
        )

    def _partners(self, communes: pl.DataFrame) -> Parsed:
        """Partner territories whose EPCI are published; the project's own list, no file renews it."""
        former = self.reference.partenaires
        kept = former.filter(pl.col("siren_epci").is_in(communes["siren_epci"].drop_nulls().to_list()))
        return Parsed(
            table=catalog.PARTENAIRES, frame=kept, lues=former.height, hors_region=former.height - kept.height
        )


def by_authority(readings: Sequence[Reading]) -> list[Reading]:
    """Files in the order in which they are believed: INSEE's lists, then the others, outlines last."""

    def rank(reading: Reading) -> int:
        if reading.layout.endswith("du COG"):
            return 0
        return 2 if reading.layout.startswith("contours") else 1

    return sorted(readings, key=rank)
