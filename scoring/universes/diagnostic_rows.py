"""Rows of the diagnosis: the territory that is asked, its figures, its communes, its persons, its likes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import date

import polars as pl

from lake.catalog.territoires import COMMUNES as PLACES
from lake.catalog.territoires import CONTOURS, DEPARTEMENTS, EPCI
from lake.catalog.territoires import PARTENAIRES as PARTNERS
from lake.errors import LakeError, UnknownName
from scoring.annuaire import alike, compared
from scoring.annuaire import diagnostic as asked
from scoring.annuaire.changes import Perimetre
from scoring.annuaire.compared import Choix
from scoring.annuaire.ground import NUMBER, Counting
from scoring.annuaire.inside import everywhere
from scoring.annuaire.territory import MESHES
from scoring.reach.floating import VALUE
from scoring.reach.proximity import Ints, areas
from scoring.universes import accessibilite as access
from scoring.universes.annuaire import ANNUAIRE
from scoring.universes.directory import earlier, extractions, refuse
from scoring.universes.evolution import SINCE
from scoring.universes.evolution import compared as comparison
from scoring.universes.memory import remembered
from scoring.universes.model import Axis, Scan
from scoring.universes.parameters import Parameter
from scoring.universes.selection import Selection

TABLES = (*asked.TABLES, CONTOURS)
TERRITOIRE = Parameter(
    "territoire",
    "Territoire",
    pattern=r"(?s).{1,400000}",
    form="maille=code (epci=200069441), partenaire=code, ou des codes INSEE",
)
NOM = Parameter("nom", "Nom du territoire", pattern=r"(?s).{1,200}", form="un nom")
PARAMETERS = (TERRITOIRE, NOM, SINCE)
_MESHES = ("commune", "epci", "departement", "region")


def covered(scan: Scan, selection: Selection) -> tuple[str, ...]:
    """The départements that the extraction covers (kept)."""
    day = selection.date
    return remembered(scan, ("departements", day), [ANNUAIRE.table], lambda: asked.covered(scan, day))


def chosen(scan: Scan, selection: Selection) -> Choix:
    """The territory that the parameters name; the region of the extraction when they name none (kept).

    Raises:
        LakeError: it does not exist, or the list is empty or unknown.
    """
    text, name = selection.parameter(TERRITOIRE.name), selection.parameter(NOM.name)
    around = covered(scan, selection)
    return remembered(
        scan, ("territoire", text, name, around), compared.TABLES, lambda: _chosen(scan, text, name, around)
    )


def _chosen(scan: Scan, text: str, name: str, around: tuple[str, ...]) -> Choix:
    kind, sign, value = (part.strip() for part in text.partition("="))
    codes = [code for code in value.replace(";", ",").split(",") if code.strip()]
    if not text:
        regions = scan(PLACES).filter(pl.col("code_departement").is_in(list(around))).collect()
        known = regions["code_region"].drop_nulls().mode().sort()
        if known.is_empty():
            raise LakeError("Aucune extraction de l'annuaire n'est publiée.")
        return compared.official(scan, "region", known[0])
    if sign and kind in _MESHES and len(codes) > 1:  # several territories make one of one's own
        rows = scan(PLACES).filter(pl.col(MESHES[kind]).is_in(codes)).select("code_commune").collect()
        return compared.own(scan, rows.to_series().to_list() or codes, name, around)
    if sign and kind == "communes":
        return compared.own(scan, codes, name, around)
    if not sign:
        listed = [code for code in kind.replace(";", ",").replace(" ", ",").split(",") if code]
        return compared.own(scan, listed, name, around)
    return compared.asked(scan, text, around)


def _who(selection: Selection) -> Selection:
    return Selection(dict(everywhere(selection).filters), selection.date)


def _read(scan: Scan, selection: Selection, restrict: pl.Expr | None) -> pl.DataFrame:
    """The rows of an extraction under the professional filters, every profession (kept)."""
    wanted = _who(selection).without("profession")
    return remembered(
        scan,
        ("lignes", wanted),
        [ANNUAIRE.table],
        lambda: asked.read(scan, wanted, restrict=restrict),
        size="large",
    )


def _since(scan: Scan, selection: Selection, before: date, restrict: pl.Expr | None) -> Perimetre:
    """The two extractions compared, as « Évolution » does and keeps them: whatever the territory."""
    who = _who(selection).without("profession").with_parameter(SINCE.name, before.isoformat())
    return comparison(scan, who, restrict).perimetre


def diagnosis(scan: Scan, selection: Selection, restrict: pl.Expr | None) -> asked.Diagnostic:
    """The whole diagnosis of the territory (kept).

    Raises:
        LakeError: the territory does not exist.
        UnknownName: the extraction compared with is not published, or not earlier.
    """
    choix, who = chosen(scan, selection), _who(selection)
    before = earlier(scan, selection, selection.parameter(SINCE.name))
    known = [
        day for day in extractions(scan, selection) if selection.date is not None and day < selection.date
    ]
    # A reader who may see no row one by one knows no date by them: nothing to check, and nothing is listed.
    if before is not None and before not in known and extractions(scan, selection):
        raise UnknownName("extraction antérieure", before.isoformat(), [day.isoformat() for day in known])

    def keep(name: Hashable, count: Counting) -> pl.DataFrame:
        # What is the same for every territory is counted once for all those that readers look at.
        return remembered(scan, ("diagnostic", name, who.without("profession")), TABLES, count, size="rows")

    def make() -> asked.Diagnostic:
        return asked.diagnose(
            scan,
            choix,
            who,
            _read(scan, selection, restrict),
            None if before is None else (before, _since(scan, selection, before, restrict)),
            departements=covered(scan, selection),
            keep=keep,
        )

    return remembered(scan, ("diagnostic", choix, who, before), TABLES, make)


def professions(
    scan: Scan, selection: Selection, axes: Sequence[Axis], restrict: pl.Expr | None
) -> pl.LazyFrame:
    """One row for the territory, or one a profession: figures already made, which never add."""
    refuse(axes, ("profession",), "Un diagnostic")
    found = diagnosis(scan, selection, restrict)
    if any(axis.name == "profession" for axis in axes):
        return found.professions.lazy().rename({"profession": "libelle_profession"})
    return found.resume.lazy()


def communes(
    scan: Scan, selection: Selection, axes: Sequence[Axis], restrict: pl.Expr | None
) -> pl.LazyFrame:
    """One row per commune of the territory."""
    refuse(axes, ("commune", "commune_proche", "epci", "departement"), "Le détail d'un diagnostic")
    owners = scan(PLACES).select("code_commune", "code_departement", "siren_epci")
    return diagnosis(scan, selection, restrict).communes.lazy().join(owners, on="code_commune", how="left")


def persons(
    scan: Scan, selection: Selection, _axes: Sequence[Axis], restrict: pl.Expr | None
) -> pl.LazyFrame:
    """The persons who practise in several places, the communes by their names."""
    rows = diagnosis(scan, selection, restrict).lieux
    met = (
        pl.concat([rows["communes_ici"].explode(), rows["communes_ailleurs"].explode()]).drop_nulls().unique()
    )
    known = scan(PLACES).filter(pl.col("code_commune").is_in(met.implode())).select("code_commune", "commune")
    words = dict(known.collect().iter_rows())
    named = [
        pl.col(name).list.eval(pl.element().replace(words)).list.join(", ").alias(name)
        for name in ("communes_ici", "communes_ailleurs")
    ]
    elsewhere = pl.col("communes_ailleurs").list.len() > 0
    return rows.lazy().with_columns(hors=elsewhere).with_columns(named)


def mesh_compared(choix: Choix) -> str | None:
    """The mesh of the territories that one is compared with; None for a region, which has no like here."""
    if choix.territoire.maille == "region":
        return None
    return choix.pairs if choix.pairs in alike.SIZES else "epci"


def _land(scan: Scan, selection: Selection) -> pl.DataFrame:
    """The communes of the départements covered, with their areas (kept)."""
    around = covered(scan, selection)

    def make() -> pl.DataFrame:
        outlines = scan(CONTOURS).filter(pl.col("maille") == "commune").select("code", "geojson").collect()
        rows = scan(PLACES).filter(pl.col("code_departement").is_in(list(around))).collect()
        if not outlines.height:
            return rows.with_columns(superficie_km2=pl.lit(None, pl.Float64))
        return rows.join(areas(outlines), on="code_commune", how="left")

    return remembered(scan, ("superficies", around), [PLACES, CONTOURS], make)


def likes(scan: Scan, selection: Selection) -> pl.DataFrame:
    """The territory, its neighbours and its peers: ``lien, code, population, densite_km2, regle`` (kept).

    A territory of one's own, or a partner's, has no code: it stands as :data:`scoring.annuaire.alike.HERE`.
    """
    choix = chosen(scan, selection)
    mesh = mesh_compared(choix)
    names = ("lien", "code", "population", "densite_km2", "regle")
    if mesh is None:
        return pl.DataFrame(
            schema=dict(zip(names, (pl.String, pl.String, pl.Int64, pl.Float64, pl.String), strict=True))
        )

    def touching() -> tuple[Sequence[str], Ints, Ints]:
        outlines = scan(CONTOURS).filter(pl.col("maille") == "commune").select("code", "geojson")
        return alike.touching(outlines.collect())

    def make() -> pl.DataFrame:
        land = _land(scan, selection)
        pairs = remembered(scan, "contacts des communes", [CONTOURS], touching, size="large")
        own = choix.territoire.communes
        mine = land.filter(pl.col("code_commune").is_in(list(own)))
        here = alike.sizes(mine.with_columns(pl.lit(alike.HERE).alias(MESHES[mesh])), mesh)
        population, density = (here.item(0, 1), here.item(0, 2)) if here.height else (0, None)
        known = remembered(
            scan,
            ("tailles", mesh, covered(scan, selection)),
            [PLACES, CONTOURS],
            lambda: alike.sizes(land, mesh),
        )
        near = alike.neighbours(land, pairs, own, mesh)
        out = set(mine[MESHES[mesh]].drop_nulls())
        like = alike.peers(known, population, density, mesh, out)
        rule = alike.rule(population, density, mesh)
        code = choix.territoire.code or alike.HERE
        lines = [
            (alike.HERE, code),
            *((alike.NEIGHBOUR, one) for one in near),
            *((alike.PEER, one) for one in like),
        ]
        listed = pl.DataFrame(lines, schema={"lien": pl.String, "code": pl.String}, orient="row")
        every = pl.concat([known, here.with_columns(code=pl.lit(code))]).unique("code", keep="last")
        return listed.join(every, on="code", how="left", maintain_order="left").with_columns(
            regle=pl.lit(rule)
        )

    return remembered(scan, ("semblables", choix), [PLACES, CONTOURS], make)


def likes_rows(
    scan: Scan, selection: Selection, axes: Sequence[Axis], restrict: pl.Expr | None
) -> pl.LazyFrame:
    """The territory, its neighbours and its peers, with their figures for the professions selected."""
    refuse(axes, ("lien", "territoire"), "Une comparaison")
    choix = chosen(scan, selection)
    listed, mesh = likes(scan, selection), mesh_compared(choix)
    if mesh is None:
        return listed.lazy().with_columns(
            pl.lit(None, pl.String).alias("nom"),
            *(pl.lit(None, pl.Float64).alias(name) for name in ("densite_pour_10000", VALUE)),
            professionnels=pl.lit(None, pl.Int64),
        )
    who, column = _who(selection), MESHES[mesh]
    derived = access.ACCESSIBILITE.derived
    reads = list(dict.fromkeys((*TABLES, *(derived.tables if derived else ()))))

    def make() -> pl.DataFrame:
        wanted = who.values("profession")
        rows = _read(scan, selection, restrict)
        rows = rows.filter(pl.col("code_profession").is_in(list(wanted))) if wanted else rows
        own = pl.col("code_commune").is_in(list(choix.territoire.communes))
        code = choix.territoire.code or alike.HERE
        each = remembered(
            scan, ("par territoire", mesh, who), TABLES, lambda: _each(rows, column), size="rows"
        )
        here = asked_count(rows, choix, own, code)
        counted = pl.concat([each.filter(pl.col("code").ne_missing(code)), here])
        reached = access.everyone(scan, access.ACCESSIBILITE.saying(who), restrict).drop_nulls("code_commune")
        mean = (pl.col("demande") * pl.col(VALUE)).sum() / pl.col("demande").sum()
        near = remembered(
            scan,
            ("accessibilité par territoire", mesh, who),
            reads,
            lambda: reached.group_by(code=pl.col(column)).agg(mean.alias(VALUE)),
            size="rows",
        )
        by_code = pl.concat([near, reached.filter(own).select(code=pl.lit(code), **{VALUE: mean})])
        by_code = by_code.unique("code", keep="last", maintain_order=True)
        return (
            listed.join(counted, on="code", how="left", maintain_order="left")
            .join(by_code, on="code", how="left", maintain_order="left")
            .join(_names(scan, mesh), on="code", how="left", maintain_order="left")
            .with_columns(
                pl.col("professionnels").fill_null(0),
                nom=pl.when(pl.col("lien") == alike.HERE).then(pl.lit(choix.nom)).otherwise("nom"),
            )
            .with_columns(
                densite_pour_10000=pl.when(pl.col("population") > 0).then(
                    pl.col("professionnels") * 10_000 / pl.col("population")
                )
            )
        )

    return remembered(scan, ("comparaison", choix, who), reads, make).lazy()


def _each(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """The persons of each territory of a mesh, by its code."""
    return rows.group_by(code=pl.col(column)).agg(professionnels=pl.col(NUMBER).n_unique().cast(pl.Int64))


def asked_count(rows: pl.DataFrame, choix: Choix, own: pl.Expr, code: str) -> pl.DataFrame:
    """The persons of the territory itself, counted as its diagnosis does."""
    if choix.territoire.maille == "departement":
        own = own | (pl.col("code_departement") == code)
    return rows.filter(own).select(code=pl.lit(code), professionnels=pl.col(NUMBER).n_unique().cast(pl.Int64))


def _names(scan: Scan, mesh: str) -> pl.DataFrame:
    if mesh == "commune":
        text = pl.format("{} ({})", "commune", "code_departement")
        return scan(PLACES).select(code="code_commune", nom=text).collect()
    table, code, name = {
        "epci": (EPCI, "siren_epci", "epci"),
        "departement": (DEPARTEMENTS, "code_departement", "departement"),
    }[mesh]
    return scan(table).select(code=code, nom=name).collect()


def partners(
    scan: Scan, _selection: Selection, _axes: Sequence[Axis], _restrict: pl.Expr | None
) -> pl.LazyFrame:
    """The communes of the partner territories of the programme."""
    named = scan(PARTNERS).select("code", "nom", "siren_epci").unique()
    return named.join(scan(PLACES).select("code_commune", "siren_epci"), on="siren_epci", how="left")


def notes(scan: Scan, selection: Selection) -> Mapping[str, str]:
    """The territory in words: its name, communes, whom it is ranked among, what became of its list, the dates.

    Raises:
        LakeError: it does not exist.
    """
    choix = chosen(scan, selection)
    before = earlier(scan, selection, selection.parameter(SINCE.name))
    sentences = choix.territoire.sentences()
    told = {
        "nom": choix.nom,
        "communes": ",".join(choix.territoire.communes),
        "maille": choix.territoire.maille or "",
        "code": choix.territoire.code or "",
        "pairs": choix.pairs,
        "departements": ",".join(covered(scan, selection)),
    }
    if sentences:
        told["liste"] = "\n".join(sentences)
    if before is not None:
        told["avant"] = before.isoformat()
    return told


def likes_notes(scan: Scan, selection: Selection) -> Mapping[str, str]:
    """How the peers are chosen, and the mesh of those compared."""
    listed = likes(scan, selection)
    mesh = mesh_compared(chosen(scan, selection)) or ""
    return {"regle": listed.item(0, "regle") if listed.height else "", "maille": mesh}
