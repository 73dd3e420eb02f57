"""What the lines of a campaign say of one another: each broken rule is a named, counted reject.

The order matters: services first, then the preliminary answers that hide criteria, then the answers, whose
levels the plans may not go below.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from ingest.sources.convergence.files import Lines
from ingest.sources.convergence.referentiel import VERSION, Referentiel, packaged
from ingest.sources.convergence.rules import Rules, orphan, reason, unknown
from lake.catalog.convergence import (
    JALONS,
    NIVEAUX,
    REFERENTIEL,
    STATUTS_AMELIORATION,
    VOLETS,
    rang_expr,
    trimestre_acheve,
)
from lake.catalog.convergence_links import chains, cycle_text
from lake.errors import ContractError, UnknownName
from lake.words import agreed

_KEY = ["service", "critere"]


class Checks(Rules):
    """The checks of one campaign, file after file."""

    def __init__(self, lines: Mapping[str, Lines], names: Mapping[str, str], campagne: date | None) -> None:
        super().__init__(lines, names)
        self.campagne = campagne
        self.cycles: list[str] = []
        self.volet = self._volet()
        self.referentiel = self._referentiel()

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
        criteres = self.unique(
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

    # Files --------------------------------------------------------------------------------------------

    def services(self) -> pl.DataFrame:
        """Services: one line each, a region unless they are products."""
        frame = self.frame("services")
        regional = pl.col("kind") != "produit"
        if frame.height and frame.select((regional & pl.col("region").is_null()).all()).item():
            raise ContractError(
                f"{self.names['services']} : colonne obligatoire absente ou vide : region.",
                conseil="Chaque service doit porter sa région, par code ou par libellé.",
            )
        frame = self.unique("services", frame, ["service"], "service en double")
        frame = self.split(
            "services", frame, pl.when(regional & pl.col("region").is_null()).then(pl.lit("région absente"))
        )
        known = frame["service"].implode()
        links = frame.select("service", cible=pl.col("utilise").str.split("|")).explode("cible").drop_nulls()
        lost = links.filter(~pl.col("cible").str.strip_chars().is_in(known))
        if lost.height:
            sample = ", ".join(f"{a} → {b}" for a, b in lost.head(5).iter_rows())
            more = "…" if lost.height > 5 else ""
            self.warnings.append(
                agreed(
                    lost.height,
                    f"{self.names['services']} : {lost.height} lien(s) vers un service inconnu ({sample}{more}).",
                )
            )
        return frame.with_columns(pl.col("nom").fill_null(pl.col("service"))).drop("volet")

    def preliminaires(self, services: pl.DataFrame) -> pl.DataFrame:
        """Preliminary answers: known services and questions, one answer each."""
        frame = self.split(
            "preliminaires",
            self.frame("preliminaires"),
            orphan(services),
            unknown("question", self.referentiel.criteres["question"], "question préliminaire inconnue"),
        )
        return self.unique("preliminaires", frame, ["service", "question"], "deux réponses pour une question")

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
        frame = self.split(
            name,
            frame,
            reason(
                pl.col("masque").fill_null(False),
                "critère caché par la question préliminaire : ",
                "{} ({})",
                ["critere", "question"],
            ),
            pl.when(given == 0).then(pl.lit("réponse vide : ni niveau, ni non applicable, ni porté par")),
            pl.when(given > 1).then(
                pl.lit("plusieurs réponses sur une ligne : niveau, non applicable, porté par")
            ),
            reason(
                pl.col("niveau").is_not_null() & pl.col("existe").is_null(),
                "niveau que le critère n'a pas : ",
                "{} pour {}",
                ["niveau", "critere"],
            ),
            reason(pl.col("non_applicable") & ~free, "non applicable interdit : ", "{}", ["critere"]),
            orphan(services, "porte_par", "service porteur inconnu"),
        )
        frame = self.unique(name, frame, _KEY, "deux réponses pour un critère")
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
            frame = self.split(
                name,
                frame,
                reason(pl.col("cycle").is_not_null(), "réponses portées en cycle : ", "{}", ["cycle"]),
            )
        broken = found.closure.filter(pl.col("motif").is_not_null())
        for why, rows in broken.group_by("motif", maintain_order=True):
            self.warnings.append(
                agreed(
                    rows.height,
                    f"{self.names[name]} : {rows.height} réponse(s) portée(s) sans niveau, non comptée(s) ({why[0]}).",
                )
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
        frame = self.split(
            name,
            frame,
            pl.when(~pl.col("non_planifiable") & ~step).then(
                pl.lit("étape incomplète : il faut un niveau et un trimestre, ou non planifiable")
            ),
            pl.when(pl.col("non_planifiable") & ~none).then(
                pl.lit("étape à la fois planifiée et non planifiable")
            ),
            reason(
                step & pl.col("existe").is_null(),
                "niveau que le critère n'a pas : ",
                "{} pour {}",
                ["niveau", "critere"],
            ),
            reason(step & (pl.col("rang") <= over), "plan dans le passé : ", "{}", ["trimestre"]),
            reason(pl.col("repondu").is_null(), "plan sur un critère sans réponse : ", "{}", ["critere"]),
            reason(
                step & pl.col("na_du_jour").fill_null(False),
                "plan sur un critère non applicable : ",
                "{}",
                ["critere"],
            ),
            reason(
                step & (pl.col("niveau") < pl.col("niveau_du_jour")),
                "plan sous le niveau du jour : ",
                "{} pour {}, à {}",
                ["niveau", "critere", "niveau_du_jour"],
            ),
        )
        frame = frame.with_columns(
            etape=pl.when("non_planifiable").then(0).otherwise(pl.col("niveau") + 1).cast(pl.Int64)
        )
        frame = self.unique(name, frame, [*_KEY, "etape"], "deux étapes pour un niveau")
        both = pl.col("non_planifiable").any().over(_KEY) & (pl.len().over(_KEY) > 1)
        return self.split(
            name, frame, reason(both, "critère à la fois planifié et non planifiable : ", "{}", ["critere"])
        )

    def solutions(self, services: pl.DataFrame) -> pl.DataFrame:
        """Solutions: of known services."""
        return self.split("solutions", self.frame("solutions"), orphan(services))

    def jalons(self, services: pl.DataFrame) -> pl.DataFrame:
        """Milestones: known axes, and known services where one is named."""
        frame = self.frame("jalons").with_columns(
            pl.col("libelle_jalon").fill_null(pl.col("jalon")),
            pl.col("service", "critere").fill_null(""),
            dependance=pl.col("dependance")
            .str.to_lowercase()
            .str.replace("^direct$", "directe")
            .str.replace("^indirect$", "indirecte"),
        )
        named = pl.col("service") != ""
        frame = self.split(
            "jalons",
            frame,
            unknown("axe", self.referentiel.criteres["axe"], "axe inconnu"),
            pl.when(named).then(orphan(services)),
            pl.when(pl.col("critere") != "").then(
                unknown("critere", self.referentiel.criteres["critere"], "critère inconnu")
            ),
            reason(
                ~pl.col("dependance").is_in(["directe", "indirecte"]),
                "dépendance inconnue : ",
                "{}",
                ["dependance"],
            ),
        )
        key = ["jalon", "axe", "service", "critere"]
        frame = self.unique("jalons", frame, key, "deux lignes pour une dépendance")
        return frame.select(
            "ligne", "contenu", *(c for c in JALONS.columns if c not in ("volet", "campagne"))
        )

    def ameliorations(self) -> pl.DataFrame:
        """Proposed improvements: known axes and criteria, one line each per axis."""
        frame = self.frame("ameliorations").with_columns(
            statut=pl.col("statut").str.to_lowercase().str.replace_all("é", "e")
        )
        frame = self.split(
            "ameliorations",
            frame,
            unknown("axe", self.referentiel.criteres["axe"], "axe inconnu"),
            unknown("critere", self.referentiel.criteres["critere"], "critère inconnu"),
            reason(~pl.col("statut").is_in(STATUTS_AMELIORATION), "statut inconnu : ", "{}", ["statut"]),
        )
        return self.unique(
            "ameliorations", frame, ["amelioration", "axe"], "deux lignes pour une amélioration"
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
            self.frame(name)
            .join(subject, on="service", how="left", maintain_order="left")
            .join(asked, on="critere", how="left", maintain_order="left")
        )
        return self.split(
            name,
            frame,
            reason(pl.col("sujet").is_null(), "service orphelin : ", "{}", ["service"]),
            reason(pl.col("sujet_critere").is_null(), "critère inconnu : ", "{}", ["critere"]),
            reason(
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
