"""What the lines of a campaign say of one another: each broken rule is a named, counted reject.

The order matters: services first, then the preliminary answers that hide criteria, then the answers, whose
levels the plans may not go below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

import polars as pl

from ingest.sources.convergence.files import Lines
from ingest.sources.convergence.referentiel import VERSION, Referentiel, levels_of, packaged
from ingest.sources.convergence.rules import Rules, orphan
from lake.catalog.convergence import JALONS, REFERENTIEL, STATUTS_AMELIORATION, VOLETS
from lake.catalog.convergence_links import chains
from lake.errors import ContractError, UnknownName
from lake.words import agreed
from scoring.convergence.rules import judge_answers, judge_steps, reason, unknown
from scoring.convergence.usages import juger, sans_niveau
from scoring.saisie.referentiel import LATER

_LOOP = "réponses portées en cycle : "


class Checks(Rules):
    """The checks of one campaign, file after file."""

    def __init__(
        self,
        lines: Mapping[str, Lines],
        names: Mapping[str, str],
        campagne: date | None,
        published: Callable[[str], Referentiel | None],
    ) -> None:
        super().__init__(lines, names)
        self.campagne = campagne
        self.cycles: list[str] = []
        self.volet = self._volet()
        self.referentiel = self._referentiel(published)

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

    def _referentiel(self, published: Callable[[str], Referentiel | None]) -> Referentiel:
        if "referentiel" not in self.lines:
            return published(self.volet) or packaged(self.volet)
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
            **{name: pl.lit(None, pl.String) for name in LATER},
        )
        criteres = self.unique(
            "referentiel", criteres, ["critere", "a_partir_du"], "deux lignes pour un critère"
        )
        return Referentiel(self.volet, version, criteres.select(REFERENTIEL.columns), levels_of(criteres))

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
        """Answers: the criterion exists, is asked of the service, has the level; once; without a loop."""
        name, ref = "reponses", self.referentiel
        judged = judge_answers(self.frame(name), services, ref.criteres, ref.niveaux, preliminaires)
        looped = judged.filter(pl.col("motif").str.starts_with(_LOOP))["motif"].str.strip_prefix(_LOOP)
        self.cycles = looped.str.split(" ; ").explode().unique().sort().to_list() if looped.len() else []
        frame = self.apart(name, judged)
        broken = chains(frame).closure.filter(pl.col("motif").is_not_null())
        for why, rows in broken.group_by("motif", maintain_order=True):
            self.warnings.append(
                agreed(
                    rows.height,
                    f"{self.names[name]} : {rows.height} réponse(s) portée(s) sans niveau, non comptée(s) ({why[0]}).",
                )
            )
        date_of = pl.col("valide_le")
        return frame.with_columns(valide_le=date_of.fill_null(self.campagne) if self.campagne else date_of)

    def usages(
        self, services: pl.DataFrame, preliminaires: pl.DataFrame, reponses: pl.DataFrame
    ) -> pl.DataFrame:
        """Values: of a criterion that asks one, readable, in its unit; once; and not against the answers."""
        name = "usages"
        frame = self.apart(
            name, juger(self.frame(name), services, self.referentiel.criteres, preliminaires, reponses)
        )
        silent = sans_niveau(frame, reponses)
        if silent.height:
            sample = ", ".join(f"{a} / {b} : {level}" for a, b, level in silent.head(5).iter_rows())
            self.warnings.append(
                agreed(
                    silent.height,
                    f"{self.names[name]} : {silent.height} valeur(s) dont le niveau n'est pas dans reponses, hors de "
                    f"tout taux ({sample}{'…' if silent.height > 5 else ''}).",
                )
            )
        date_of = pl.col("valide_le")
        return frame.with_columns(valide_le=date_of.fill_null(self.campagne) if self.campagne else date_of)

    def plans(self, services: pl.DataFrame, reponses: pl.DataFrame) -> pl.DataFrame:
        """Plans: a step on an answered criterion, to come, to a level it has, above today's, in order."""
        name, ref = "plans", self.referentiel
        return self.apart(
            name,
            judge_steps(
                self.frame(name), services, reponses, ref.criteres, ref.niveaux, self._today(reponses)
            ),
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

    def _today(self, reponses: pl.DataFrame) -> date:
        """The date before which a plan is in the past."""
        if self.campagne is not None:
            return self.campagne
        latest = reponses["valide_le"].max()
        return latest if isinstance(latest, date) else date.fromisoformat(VERSION)
