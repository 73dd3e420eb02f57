"""« Télécharger toutes les données »: a ZIP of what one may see, and of nothing else.

``campagne/`` holds the files that the ingestion takes, of what is validated; ``brouillons/`` the drafts, apart;
``versions/`` every version as JSON, with its seal; ``fils.csv`` what was said of each criterion; ``pieces.csv`` the
list of the proofs, with their hashes: each is taken on the card of its service; ``ameliorations.csv``
what was proposed, and what became of it. ``saisie.xlsx`` is filled and handed back.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import polars as pl

from apps.saisie import tableur
from apps.saisie.calcul import seen_by
from apps.saisie.valides import valides
from lake.cellules import inerte
from lake.droits_saisie import Acteur, Objet, may
from lake.store.engine import Store
from lake.store.saisie import ameliorations, feuilles, fils, pieces, services, versions
from lake.store.saisie.frames import Saisie, brouillons
from scoring.convergence.usages import comptees
from scoring.saisie.referentiel import Referentiel
from scoring.saisie.volets import INDUSTRIELS, REGIONS, volet_de

LISEZ_MOI = """Ce que vous voyez de la saisie de Convergence, et rien d'autre.

campagne/     ce qui est validé, aux formats que lit « obs ingest convergence » ; campagne_industriels/ pour les
              produits d'un éditeur
brouillons/   ce qui ne l'est pas encore : personne d'autre ne doit s'y fier
versions/     chaque version validée, avec son sceau (SHA-256)
fils.csv      ce qui s'est dit sur chaque critère
pieces.csv    la liste des preuves, leur empreinte et leur dernier jour de validité ; chacune se prend sur la fiche de
              son service
ameliorations.csv  ce qui est proposé d'améliorer, et sa suite
saisie.xlsx   à remplir, puis à rendre sur le tableau de bord
"""
_FILES = {
    "services": (
        "service", "nom", "region", "kind", "zone_pos", "type_service", "tronc_commun", "publiable", "converge",
        "utilise",
    ),
    "reponses": (
        "service", "critere", "niveau", "non_applicable", "porte_par", "transmis", "valide_le", "valide_par",
        "commentaire",
    ),
    "usages": ("service", "critere", "valeur", "valide_le", "valide_par", "commentaire"),
    "plans": ("service", "critere", "niveau", "trimestre", "non_planifiable"),
    "preliminaires": ("service", "question", "valeur"),
    "solutions": ("service", "editeur", "solution"),
}  # fmt: skip


def faire(store: Store, referentiel: Referentiel, who: Acteur, *, jour: str) -> bytes:
    """The archive of someone, as it may see the entry now.

    Args:
        store: where.
        referentiel: the version in force.
        who: who takes it.
        jour: the day that the files of the campaign bear (``2026-11-30``).
    """
    known = [one for one in services.tous(store) if may("telecharger", Objet(one["region"], one["id"]), who)]
    known = [one for one in known if one["kind"] != "editeur"]
    numbers = {one["code"]: one["id"] for one in known}
    sides: dict[str, dict[str, int]] = {}
    for one in known:
        sides.setdefault(volet_de(one["kind"]), {})[one["code"]] = one["id"]
    regions = {one["code"]: one["region"] for one in known}
    seen = seen_by(who, numbers, regions)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("LISEZ-MOI.txt", LISEZ_MOI)
        for folder, state in (("campagne", valides(store, referentiel)), ("brouillons", brouillons(store))):
            for volet, mine in (sides or {REGIONS: {}}).items():
                where = folder if volet == REGIONS else f"{folder}_{volet}"
                for name, frame in _frames(state, mine, referentiel, seen, volet).items():
                    archive.writestr(f"{where}/{name}_{jour}.csv", frame.write_csv())
        talks: list[dict[str, Any]] = []
        for code, sheet in brouillons(store).feuilles.select("service", "questionnaire").iter_rows():
            if code not in numbers or not seen(code, sheet.removeprefix("PLAN-")):
                continue
            _sheet(archive, store, numbers[code], code, sheet)
            talks += [
                {"service": code, **one}
                for said in fils.fil(store, numbers[code], sheet).values()
                for one in said
            ]
        archive.writestr("fils.csv", _talks(talks).write_csv())
        archive.writestr("pieces.csv", _proofs(store, known, who).write_csv())
        archive.writestr("ameliorations.csv", _proposals(store, numbers, who).write_csv())
        if numbers:
            archive.writestr("saisie.xlsx", tableur.contenu(store, referentiel, who)[0])
    return out.getvalue()


def _frames(
    state: Saisie, numbers: Mapping[str, int], referentiel: Referentiel, seen: Any, volet: str
) -> dict[str, pl.DataFrame]:
    """The files of a campaign, narrowed to what is seen, sheet by sheet."""
    sheets = referentiel.questionnaires
    found = {}
    for name, columns in _FILES.items():
        frame: pl.DataFrame = getattr(state, "reponses" if name == "usages" else name)
        frame = frame.filter(pl.col("service").is_in(list(numbers)))
        if name == "reponses":
            frame = comptees(frame, referentiel.criteres)
        if name == "usages":
            frame = frame.filter(pl.col("nature") == "valeur")
        if "critere" in frame.columns:
            kept = [
                seen(code, sheets.get(critere, ""))
                for code, critere in frame.select("service", "critere").iter_rows()
            ]
            frame = frame.filter(pl.Series(kept, dtype=pl.Boolean))
        frame = frame.select(columns)
        if name == "services" and volet == INDUSTRIELS:  # an editor's code is nobody's region
            frame = frame.with_columns(region=pl.lit(None, pl.String), volet=pl.lit(volet))
        found[name] = _inert(frame)
    return found


def _inert(frame: pl.DataFrame) -> pl.DataFrame:
    """The same, its typed texts written so that no spreadsheet runs them."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    return frame.with_columns(
        pl.Series(name, [None if one is None else _harmless(one) for one in frame[name].to_list()], pl.String)
        for name in texts
    )


def _harmless(text: str) -> str:
    return text if re.fullmatch(r"-[0-9]+(\.[0-9]+)?", text) else inerte(text)


def _sheet(archive: zipfile.ZipFile, store: Store, number: int, code: str, sheet: str) -> None:
    row = feuilles.feuille(store, number, sheet)
    for one in versions.historique(store, row["id"]):
        said = {**asdict(one), "contenu": dict(one.contenu), "validee_le": one.validee_le.isoformat()}
        said.pop("feuille_id")
        name = re.sub(r"[^A-Za-z0-9._-]", "_", f"{code}_{sheet}_{one.numero:03d}")
        archive.writestr(
            f"versions/{name}.json", json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True)
        )


def _talks(rows: list[dict[str, Any]]) -> pl.DataFrame:
    columns = (
        "service",
        "questionnaire",
        "critere",
        "version_referentiel",
        "auteur",
        "cree_le",
        "traite_le",
        "visibilite",
        "national",
        "texte",
    )
    frame = pl.DataFrame(
        [tuple("" if row[name] is None else str(row[name]) for name in columns) for row in rows],
        schema=dict.fromkeys(columns, pl.String),
        orient="row",
    )
    return _inert(frame)


def _proofs(store: Store, known: list[dict[str, Any]], who: Acteur) -> pl.DataFrame:
    columns = ("nom", "critere", "octets", "sha256", "etat", "depose_le", "depose_par", "valable_au")
    rows = [
        (one["code"], *(str(row[name]) for name in columns))
        for one in known
        for row in pieces.lister(store, one["id"], par=who.email or None)
    ]
    return _inert(pl.DataFrame(rows, schema=dict.fromkeys(("service", *columns), pl.String), orient="row"))


def _proposals(store: Store, numbers: Mapping[str, int], who: Acteur) -> pl.DataFrame:
    columns = (
        "code", "questionnaire", "axe", "critere", "version", "porteur", "texte", "propose_par", "propose_le", "statut",
        "motif",
    )  # fmt: skip
    rows = [
        tuple(str(getattr(one, name)) for name in columns)
        for one in ameliorations.toutes(store, par=who.email or None)
        if one.code in numbers
    ]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    return _inert(frame.rename({"code": "service"}))
