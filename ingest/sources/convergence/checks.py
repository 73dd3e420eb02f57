"""What the lines of a campaign say of one another: each broken rule is a named, counted reject.

The order matters: services first, then the preliminary answers that hide criteria, then the answers, whose
levels the plans may not go below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from ingest.source import REJECTS_SCHEMA
from ingest.sources.convergence.files import LAYOUTS, Lines, read
from ingest.sources.convergence.referentiel import VERSION, Referentiel, packaged
from lake.catalog.convergence import (
    JALONS,
    NIVEAUX,
    REFERENTIEL,
    VOLETS,
    rang_expr,
    trimestre_acheve,
)
from lake.catalog.convergence_links import chains, cycle_text
from lake.errors import ContractError, UnknownName

_KEY = ["service", "critere"]


@dataclass
class Lot:
    """The files of one campaign, checked.

    Attributes:
        volet: ``regions`` or ``industriels``.
        campagne: the campaign's date; None when plain files give none.
        referentiel: the referential that applies.
        services, reponses, plans, preliminaires, solutions, jalons: the rows that keep every rule, in the
            columns of their table but ``volet`` and ``campagne``, plus ``ligne``.
        rejects: every rejected line (columns of ``ingest.source.REJECTS_SCHEMA``), by file and line.
        lues: data lines read, by file stem.
        doublons: exact repetitions set aside, by file stem.
        warnings: French remarks.
        cycles: the cycles of carried answers, in words.
    """

    volet: str
    campagne: date | None
    referentiel: Referentiel
    services: pl.DataFrame
    reponses: pl.DataFrame
    plans: pl.DataFrame
    preliminaires: pl.DataFrame
    solutions: pl.DataFrame
    jalons: pl.DataFrame
    rejects: pl.DataFrame
    lues: Mapping[str, int]
    doublons: Mapping[str, int]
    warnings: list[str] = field(default_factory=list)
    cycles: list[str] = field(default_factory=list)

    def summary(self) -> dict[str, int]:
        """How many lines were rejected for each reason (quoted values apart), most frequent first."""
        counted = (
            self.rejects.group_by(motif=pl.col("motif").str.split(" : ").list.first())
            .agg(pl.len())
            .sort("len", "motif", descending=[True, False])
        )
        return dict(counted.iter_rows())


def read_lot(paths: Mapping[str, Path], *, campagne: date | None = None) -> Lot:
    """Read and check the files of a campaign.

    Args:
        paths: file by name: ``services`` and ``reponses`` at least; ``plans``, ``preliminaires``,
            ``solutions``, ``jalons``, ``referentiel`` when given.
        campagne: date of the campaign; without it a plan is in the past when it was due before the latest
            validation, or else before the referential.

    Raises:
        SourceUnavailable: a file cannot be opened.
        ContractError: a file is missing or is not what it should be.
        UnknownName: a file name or a side that does not exist.
    """
    for name in paths:
        if name not in LAYOUTS:
            raise UnknownName("fichier", name, LAYOUTS)
    absent = [name for name in ("services", "reponses") if name not in paths]
    if absent:
        raise ContractError(
            f"Fichier obligatoire absent : {', '.join(absent)}.",
            conseil="Une campagne demande au moins les fichiers services et reponses.",
        )
    lines = {name: read(path, LAYOUTS[name]) for name, path in paths.items()}
    return _Checks(lines, {name: path.name for name, path in paths.items()}, campagne).lot()


class _Checks:
    """The checks of one campaign, file after file."""

    def __init__(self, lines: Mapping[str, Lines], names: Mapping[str, str], campagne: date | None) -> None:
        self.lines = lines
        self.names = names
        self.campagne = campagne
        self.rejects = [part.rejects for part in lines.values()]
        self.warnings = [warning for part in lines.values() for warning in part.warnings]
        self.cycles: list[str] = []
        self.volet = self._volet()
        self.referentiel = self._referentiel()

    def lot(self) -> Lot:
        """Run every check."""
        services = self.services()
        preliminaires = self.preliminaires(services)
        reponses = self.reponses(services, preliminaires)
        return Lot(
            volet=self.volet,
            campagne=self.campagne,
            referentiel=self.referentiel,
            services=services,
            reponses=reponses,
            plans=self.plans(services, reponses),
            preliminaires=preliminaires,
            solutions=self.solutions(services),
            jalons=self.jalons(services),
            rejects=pl.concat(self.rejects).sort("fichier", "ligne", maintain_order=True),
            lues={name: part.lues for name, part in self.lines.items()},
            doublons={name: part.doublons for name, part in self.lines.items()},
            warnings=self.warnings,
            cycles=self.cycles,
        )

    # Sides and referential ----------------------------------------------------------------------------

    def _volet(self) -> str:
        named = self.lines["services"].frame["volet"].unique().to_list()
        if len(named) > 1:
            raise ContractError(
                f"{self.names['services']} : plusieurs volets : {', '.join(sorted(named))}.",
                conseil="Une campagne porte sur un seul volet : regions ou industriels.",
            )
        volet = named[0] if named else "regions"
        if volet not in VOLETS:
            raise UnknownName("volet", volet, VOLETS)
        return str(volet)

    def _referentiel(self) -> Referentiel:
        if "referentiel" not in self.lines:
            return packaged(self.volet)
        version = str(self.campagne or VERSION)
        given = self.lines["referentiel"].frame
        since = self.campagne or date.fromisoformat(VERSION)
        criteres = given.with_columns(
            pl.col("libelle_questionnaire").fill_null(pl.col("questionnaire")),
            pl.col("libelle_axe").fill_null(pl.col("axe")),
            pl.col("libelle_critere").fill_null(pl.col("critere")),
            pl.col("a_partir_du").fill_null(since),
            volet=pl.lit(self.volet),
            version=pl.lit(version),
            ordre=pl.int_range(1, given.height + 1, dtype=pl.Int64),
        )
        criteres = self._unique(
            "referentiel", criteres, ["critere", "a_partir_du"], "deux lignes pour un critère"
        )
        niveaux = (
            criteres.select(
                "critere", "volet", "version", part=pl.col("niveaux").str.split("|"), ordre="ordre"
            )
            .unique("critere", keep="first", maintain_order=True)
            .explode("part")
            .with_columns(pair=pl.col("part").str.splitn(":", 2).struct.rename_fields(["niveau", "texte"]))
            .unnest("pair")
            .with_columns(
                pl.col("niveau").str.strip_chars().cast(pl.Int64, strict=False),
                libelle_niveau=pl.coalesce(pl.col("texte").str.strip_chars(), pl.col("part")),
            )
            .drop_nulls("niveau")
        )
        return Referentiel(
            self.volet, version, criteres.select(REFERENTIEL.columns), niveaux.select(NIVEAUX.columns)
        )

    # Rejecting ----------------------------------------------------------------------------------------

    def _split(self, name: str, frame: pl.DataFrame, *reasons: pl.Expr) -> pl.DataFrame:
        """Keep the rows with no reason against them; the first reason of the others is kept with them."""
        judged = frame.with_columns(motif=pl.coalesce(*reasons, pl.lit(None, pl.String)))
        self.rejects.append(
            judged.filter(pl.col("motif").is_not_null())
            .select(
                fichier=pl.lit(self.names.get(name, name)), ligne="ligne", motif="motif", contenu="contenu"
            )
            .cast(REJECTS_SCHEMA)
        )
        return judged.filter(pl.col("motif").is_null()).drop("motif")

    def _unique(self, name: str, frame: pl.DataFrame, key: list[str], words: str) -> pl.DataFrame:
        """Reject every row of a key that several rows dispute: nothing says which one is right."""
        disputed = pl.len().over(key) > 1
        return self._split(name, frame, _reason(disputed, f"{words} : ", " / ".join("{}" for _ in key), key))

    def _frame(self, name: str) -> pl.DataFrame:
        if name in self.lines:
            return self.lines[name].frame
        return _empty(name)

    # Files --------------------------------------------------------------------------------------------

    def services(self) -> pl.DataFrame:
        """Services: one line each, a region unless they are products."""
        frame = self._frame("services")
        regional = pl.col("kind") != "produit"
        if frame.height and frame.select((regional & pl.col("region").is_null()).all()).item():
            raise ContractError(
                f"{self.names['services']} : colonne obligatoire absente ou vide : region.",
                conseil="Chaque service doit porter sa région, par code ou par libellé.",
            )
        frame = self._unique("services", frame, ["service"], "service en double")
        frame = self._split(
            "services", frame, pl.when(regional & pl.col("region").is_null()).then(pl.lit("région absente"))
        )
        known = frame["service"].implode()
        links = frame.select("service", cible=pl.col("utilise").str.split("|")).explode("cible").drop_nulls()
        lost = links.filter(~pl.col("cible").str.strip_chars().is_in(known))
        if lost.height:
            sample = ", ".join(f"{a} → {b}" for a, b in lost.head(5).iter_rows())
            self.warnings.append(
                f"{self.names['services']} : {lost.height} lien(s) vers un service inconnu ({sample}…)."
            )
        return frame.with_columns(pl.col("nom").fill_null(pl.col("service"))).drop("volet")

    def preliminaires(self, services: pl.DataFrame) -> pl.DataFrame:
        """Preliminary answers: known services and questions, one answer each."""
        frame = self._split(
            "preliminaires",
            self._frame("preliminaires"),
            _orphan(services),
            _unknown("question", self.referentiel.criteres["question"], "question préliminaire inconnue"),
        )
        return self._unique(
            "preliminaires", frame, ["service", "question"], "deux réponses pour une question"
        )

    def reponses(self, services: pl.DataFrame, preliminaires: pl.DataFrame) -> pl.DataFrame:
        """Answers: the criterion exists, is asked of the service, has the level; once; without a cycle."""
        name = "reponses"
        frame = self._judged(name, services).join(
            self.referentiel.niveaux.select("critere", "niveau").unique().with_columns(existe=pl.lit(True)),
            on=["critere", "niveau"],
            how="left",
        )
        masked = preliminaires.filter(~pl.col("valeur")).select("service", "question", masque=pl.lit(True))
        frame = frame.join(masked, on=["service", "question"], how="left", maintain_order="left")
        given = (
            pl.col("niveau").is_not_null().cast(pl.Int8)
            + pl.col("non_applicable").cast(pl.Int8)
            + pl.col("porte_par").is_not_null().cast(pl.Int8)
        )
        free = pl.col("na_permis") | pl.col("question").is_not_null()
        frame = self._split(
            name,
            frame,
            _reason(
                pl.col("masque").fill_null(False),
                "critère caché par la question préliminaire : ",
                "{} ({})",
                ["critere", "question"],
            ),
            pl.when(given == 0).then(pl.lit("réponse vide : ni niveau, ni non applicable, ni porté par")),
            pl.when(given > 1).then(
                pl.lit("plusieurs réponses sur une ligne : niveau, non applicable, porté par")
            ),
            _reason(
                pl.col("niveau").is_not_null() & pl.col("existe").is_null(),
                "niveau que le critère n'a pas : ",
                "{} pour {}",
                ["niveau", "critere"],
            ),
            _reason(pl.col("non_applicable") & ~free, "non applicable interdit : ", "{}", ["critere"]),
            _orphan(services, "porte_par", "service porteur inconnu"),
        )
        frame = self._unique(name, frame, _KEY, "deux réponses pour un critère")
        found = chains(frame)
        if found.cycles:
            self.cycles = [cycle_text(*cycle) for cycle in found.cycles]
            words: dict[str, list[str]] = {critere: [] for critere, _ in found.cycles}
            for cycle in found.cycles:
                words[cycle[0]].append(cycle_text(*cycle))
            looped = found.en_cycle.with_columns(
                cycle=pl.col("critere").replace_strict(
                    {critere: " ; ".join(texts) for critere, texts in words.items()}, return_dtype=pl.String
                )
            )
            frame = frame.join(looped, on=_KEY, how="left", maintain_order="left")
            frame = self._split(
                name,
                frame,
                _reason(pl.col("cycle").is_not_null(), "réponses portées en cycle : ", "{}", ["cycle"]),
            )
        broken = found.closure.filter(pl.col("motif").is_not_null())
        for reason, rows in broken.group_by("motif", maintain_order=True):
            self.warnings.append(
                f"{self.names[name]} : {rows.height} réponse(s) portée(s) sans niveau ({reason[0]}) : "
                "elles ne comptent pas."
            )
        date_of = pl.col("valide_le")
        return frame.with_columns(valide_le=date_of.fill_null(self.campagne) if self.campagne else date_of)

    def plans(self, services: pl.DataFrame, reponses: pl.DataFrame) -> pl.DataFrame:
        """Plans: a step on an answered criterion, to come, to a level it has, not below today's."""
        name = "plans"
        today = _today(reponses)
        frame = (
            self._judged(name, services)
            .join(
                self.referentiel.niveaux.select("critere", "niveau")
                .unique()
                .with_columns(existe=pl.lit(True)),
                on=["critere", "niveau"],
                how="left",
                maintain_order="left",
            )
            .join(today, on=_KEY, how="left", maintain_order="left")
            .with_columns(rang=rang_expr())
        )
        over = trimestre_acheve(self._today(reponses))
        step = pl.col("niveau").is_not_null() & pl.col("trimestre").is_not_null()
        none = pl.col("niveau").is_null() & pl.col("trimestre").is_null()
        frame = self._split(
            name,
            frame,
            pl.when(~pl.col("non_planifiable") & ~step).then(
                pl.lit("étape incomplète : il faut un niveau et un trimestre, ou non planifiable")
            ),
            pl.when(pl.col("non_planifiable") & ~none).then(
                pl.lit("étape à la fois planifiée et non planifiable")
            ),
            _reason(
                step & pl.col("existe").is_null(),
                "niveau que le critère n'a pas : ",
                "{} pour {}",
                ["niveau", "critere"],
            ),
            _reason(step & (pl.col("rang") <= over), "plan dans le passé : ", "{}", ["trimestre"]),
            _reason(pl.col("repondu").is_null(), "plan sur un critère sans réponse : ", "{}", ["critere"]),
            _reason(
                step & pl.col("na_du_jour").fill_null(False),
                "plan sur un critère non applicable : ",
                "{}",
                ["critere"],
            ),
            _reason(
                step & (pl.col("niveau") < pl.col("niveau_du_jour")),
                "plan sous le niveau du jour : ",
                "{} pour {}, à {}",
                ["niveau", "critere", "niveau_du_jour"],
            ),
        )
        frame = frame.with_columns(
            etape=pl.when("non_planifiable").then(0).otherwise(pl.col("niveau") + 1).cast(pl.Int64)
        )
        frame = self._unique(name, frame, [*_KEY, "etape"], "deux étapes pour un niveau")
        both = pl.col("non_planifiable").any().over(_KEY) & (pl.len().over(_KEY) > 1)
        return self._split(
            name, frame, _reason(both, "critère à la fois planifié et non planifiable : ", "{}", ["critere"])
        )

    def solutions(self, services: pl.DataFrame) -> pl.DataFrame:
        """Solutions: of known services."""
        return self._split("solutions", self._frame("solutions"), _orphan(services))

    def jalons(self, services: pl.DataFrame) -> pl.DataFrame:
        """Milestones: known axes, and known services where one is named."""
        frame = self._frame("jalons").with_columns(
            pl.col("libelle_jalon").fill_null(pl.col("jalon")),
            pl.col("service", "critere").fill_null(""),
            dependance=pl.col("dependance")
            .str.to_lowercase()
            .str.replace("^direct$", "directe")
            .str.replace("^indirect$", "indirecte"),
        )
        named = pl.col("service") != ""
        frame = self._split(
            "jalons",
            frame,
            _unknown("axe", self.referentiel.criteres["axe"], "axe inconnu"),
            pl.when(named).then(_orphan(services)),
            pl.when(pl.col("critere") != "").then(
                _unknown("critere", self.referentiel.criteres["critere"], "critère inconnu")
            ),
            _reason(
                ~pl.col("dependance").is_in(["directe", "indirecte"]),
                "dépendance inconnue : ",
                "{}",
                ["dependance"],
            ),
        )
        key = ["jalon", "axe", "service", "critere"]
        frame = self._unique("jalons", frame, key, "deux lignes pour une dépendance")
        return frame.select(
            "ligne", "contenu", *(c for c in JALONS.columns if c not in ("volet", "campagne"))
        )

    # Shared by answers and plans ----------------------------------------------------------------------

    def _judged(self, name: str, services: pl.DataFrame) -> pl.DataFrame:
        """Lines of a known service about a criterion that is asked of it."""
        asked = self.referentiel.criteres.select(
            "critere", "question", sujet_critere="sujet", na_permis="non_applicable"
        ).unique("critere", keep="last", maintain_order=True)
        subject = services.select(
            "service",
            sujet=pl.when(pl.col("kind").is_in(["metier", "infrastructure"]))
            .then(pl.lit("service"))
            .otherwise(pl.col("kind")),
        )
        frame = (
            self._frame(name)
            .join(subject, on="service", how="left", maintain_order="left")
            .join(asked, on="critere", how="left", maintain_order="left")
        )
        return self._split(
            name,
            frame,
            _reason(pl.col("sujet").is_null(), "service orphelin : ", "{}", ["service"]),
            _reason(pl.col("sujet_critere").is_null(), "critère inconnu : ", "{}", ["critere"]),
            _reason(
                pl.col("sujet") != pl.col("sujet_critere"),
                "critère posé à d'autres : ",
                "{} pour un {}",
                ["critere", "sujet"],
            ),
        )

    def _today(self, reponses: pl.DataFrame) -> date:
        """The date before which a plan is in the past."""
        if self.campagne is not None:
            return self.campagne
        latest = reponses["valide_le"].max()
        return latest if isinstance(latest, date) else date.fromisoformat(VERSION)


def _today(reponses: pl.DataFrame) -> pl.DataFrame:
    """Today's level of each answer, carried ones included (``niveau_du_jour``)."""
    own = reponses.select(*_KEY, "niveau", na_du_jour="non_applicable")
    carried = (
        chains(reponses)
        .closure.filter(pl.col("motif").is_null(), pl.col("ancetre") == pl.col("porteur"))
        .join(own.select(ancetre="service", critere="critere", herite="niveau"), on=["ancetre", "critere"])
        .select(*_KEY, "herite")
    )
    return own.join(carried, on=_KEY, how="left").select(
        *_KEY, "na_du_jour", repondu=pl.lit(True), niveau_du_jour=pl.coalesce("niveau", "herite")
    )


def _reason(broken: pl.Expr, words: str, template: str, columns: list[str]) -> pl.Expr:
    """The reason of a broken rule with the values that break it; null where it holds."""
    values = pl.format(template, *(pl.col(column).cast(pl.String).fill_null("") for column in columns))
    return pl.when(broken.fill_null(False)).then(pl.concat_str(pl.lit(words), values))


def _orphan(services: pl.DataFrame, column: str = "service", words: str = "service orphelin") -> pl.Expr:
    return _unknown(column, services["service"], words)


def _unknown(column: str, known: pl.Series, words: str) -> pl.Expr:
    """Against a value that is none of the known ones (an empty value is not judged)."""
    lost = pl.col(column).is_not_null() & ~pl.col(column).is_in(known.drop_nulls().unique().implode())
    return _reason(lost, f"{words} : ", "{}", [column])


def _empty(name: str) -> pl.DataFrame:
    """No line, with the columns and types that :func:`read` gives."""
    kinds = {
        "bool": pl.Boolean,
        "niveau": pl.Int64,
        "date": pl.Date,
        "nombre": pl.Float64,
    }
    layout = LAYOUTS[name]
    schema = {column: kinds.get(layout.readers.get(column, ""), pl.String) for column in layout.columns}
    return pl.DataFrame(schema={"ligne": pl.Int64, "contenu": pl.String, **schema})
