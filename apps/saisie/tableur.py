"""The entry as a workbook, there and back: one sheet a questionnaire, one line a criterion of a service.

The file remembers what it showed and at which revision: a cell left alone changes nothing, a cell filled in while
somebody else answered is a conflict, told by its cell. Nothing but drafts is written.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from apps.saisie.tableur_lecture import COLONNES, Ligne, changees, en_cellule, lignes, montre, vu
from lake.catalog.convergence_usages import types_des
from lake.droits_saisie import Acteur, Objet, may
from lake.errors import (
    AccessDenied,
    ContractError,
    EditConflict,
    LakeError,
    Refused,
    SourceUnavailable,
    known_cause,
)
from lake.store.engine import Store
from lake.store.saisie import feuilles, services
from lake.store.saisie.acteurs import acteur
from lake.store.saisie.feuilles import FeuilleFermee, Reponse
from lake.store.saisie.frames import Saisie, brouillons
from lake.valeurs import NIVEAU, valeur_dite, valeur_lue
from scoring.convergence.rules import judge_answers
from scoring.convergence.usages import juger
from scoring.saisie.completion import visibles
from scoring.saisie.referentiel import Referentiel, fingerprint

EFFACER = "EFFACER"
_ANSWER = 5


def exporter(
    store: Store, referentiel: Referentiel, path: Path, *, par: str | None, service: str | None = None
) -> int:
    """Write the drafts that someone sees to a workbook; returns its lines.

    Raises:
        LakeError: there is no such service, nothing to write, or the file cannot be written.
    """
    content, count = contenu(store, referentiel, acteur(store, par), service=service)
    try:
        path.write_bytes(content)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        why = "le dossier n'existe pas" if missing else known_cause(error.strerror or str(error))
        raise LakeError(f"{path} ne peut pas être écrit : {why}.") from error
    return count


def contenu(
    store: Store, referentiel: Referentiel, who: Acteur, *, service: str | None = None
) -> tuple[bytes, int]:
    """The workbook's bytes, and its lines.

    Raises:
        LakeError: there is no such service, or nothing to write.
    """
    if service is not None:
        services.de_code(store, service)
    drafts = brouillons(store)
    known = {one["code"]: one for one in services.tous(store)}
    asked = visibles(drafts.services, referentiel.criteres, drafts.preliminaires)
    if service is not None:
        asked = asked.filter(pl.col("service") == service)
    about = _criteria(referentiel)
    codes = {one["id"]: code for code, one in known.items()}
    seal = fingerprint(referentiel.criteres, referentiel.niveaux)
    out, count = io.BytesIO(), 0
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        bold, text = book.add_format({"bold": True}), book.add_format({"num_format": "@", "text_wrap": True})
        for (questionnaire,), rows in asked.group_by(["questionnaire"], maintain_order=True):
            sheet = book.add_worksheet(str(questionnaire)[:31])
            for rank, name in enumerate(COLONNES):
                sheet.write_string(0, rank, name, bold)
            line = 0
            for (code,), criteria in rows.group_by(["service"], maintain_order=True):
                one = known[str(code)]
                if not may("voir", Objet(one["region"], one["id"], str(questionnaire)), who):
                    continue
                drafted = feuilles.reponses(store, one["id"], str(questionnaire))
                for critere in criteria["critere"]:
                    line += 1
                    answer = drafted.get(critere, {})
                    kind = about[critere]["type_reponse"] or NIVEAU
                    shown = _shown(answer, codes, kind)
                    values = [
                        str(code),
                        one["nom"],
                        critere,
                        about[critere]["libelle_critere"],
                        str(about[critere]["niveau_attendu"]),
                        *shown,
                        str(answer.get("rev_n", 0)),
                        str(answer.get("rev_c", 0)),
                        vu(shown),
                        seal,
                    ]
                    for rank, value in enumerate(values):
                        sheet.write_string(line, rank, en_cellule(value), text)
                    if kind != NIVEAU:
                        continue
                    levels = [str(level) for level in about[critere]["niveaux"]]
                    sheet.data_validation(
                        line,
                        _ANSWER,
                        line,
                        _ANSWER,
                        {"validate": "list", "source": [*levels, "NA", EFFACER], "error_type": "warning"},
                    )
            sheet.set_column(0, 2, 14)
            sheet.set_column(3, 3, 50, text)
            sheet.set_column(4, 9, 16, text)
            sheet.set_column(10, 13, 8, text, {"hidden": True})
            sheet.freeze_panes(1, 3)
            count += line
        if not asked.height:
            book.add_worksheet("Vide")
    if not count:
        raise LakeError("Rien à écrire : aucune feuille que ce compte voie.")
    return out.getvalue(), count


def importer(
    store: Store, referentiel: Referentiel, path: Path, *, par: str | None, essai: bool
) -> dict[str, Any]:
    """Read a workbook back into the drafts.

    Args:
        store: where.
        referentiel: the version in force: a workbook of another one is refused.
        path: the workbook.
        par: who; None for the operator.
        essai: say what would be done, write nothing.

    Returns:
        ``inchanges``, ``modifies`` (counts of lines), ``conflits``, ``refuses`` (``cellule, raison`` each).

    Raises:
        ContractError: it is no workbook of ours.
        SourceUnavailable: it cannot be read.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SourceUnavailable(
            f"{path} ne peut pas être lu : {known_cause(error.strerror or str(error))}."
        ) from error
    return lire(store, referentiel, raw, path.name, par=par, essai=essai)


def lire(
    store: Store, referentiel: Referentiel, raw: bytes, name: str, *, par: str | None, essai: bool
) -> dict[str, Any]:
    """The same, of bytes; see :func:`importer`."""
    lines = list(lignes(raw, name))
    kinds = dict(types_des(referentiel.criteres).select("critere", "type_reponse").iter_rows())
    seals = {line.textes["referentiel"] for line in lines if line.textes["referentiel"]}
    if seals != {fingerprint(referentiel.criteres, referentiel.niveaux)}:
        raise ContractError(
            f"{name} : ce classeur est celui d'une autre version du référentiel.",
            conseil="Exportez-en un nouveau, et reportez-y vos réponses.",
        )
    drafts = brouillons(store)
    known = {one["code"]: one for one in services.tous(store)}
    who = acteur(store, par)
    found: dict[str, Any] = {"inchanges": 0, "modifies": 0, "conflits": [], "refuses": []}
    wanted: list[tuple[Ligne, Reponse | None, tuple[str, str] | None]] = []
    for line in lines:
        kind = kinds.get(line.textes["critere"], NIVEAU)
        changed = changees(line, kind)
        if line.formules:
            column = next(one for one in COLONNES if one in line.formules)
            _refused(found, line, column, "une formule : écrivez la valeur")
        elif not changed:
            found["inchanges"] += 1
        elif line.textes["service"] not in known:
            _refused(found, line, "service", f"service inconnu : {line.textes['service']}")
        elif referentiel.questionnaires.get(line.textes["critere"]) != line.feuille:
            _refused(found, line, "critere", f"critère inconnu : {line.textes['critere']}")
        else:
            one = known[line.textes["service"]]
            if not may("saisir", Objet(one["region"], one["id"], line.feuille), who):
                _refused(found, line, "reponse", "hors de vos habilitations")
                continue
            answer = _answer(line, known, changed) if kind == NIVEAU else _value(line, changed, kind)
            if isinstance(answer, str):
                _refused(found, line, "porte_par" if "porteur" in answer else "reponse", answer)
                continue
            wanted.append((line, answer, _comments(line, changed)))
    judged = _judged(referentiel, drafts, wanted)
    for line, answer, pair in wanted:
        reason = judged.get((line.textes["service"], line.textes["critere"]))
        if answer is not None and reason is not None:
            _refused(found, line, "reponse", reason)
            continue
        _save(store, found, line, known[line.textes["service"]]["id"], answer, pair, par, essai)
    return found


# -- inside ------------------------------------------------------------------------------------------


def _save(
    store: Store,
    found: dict[str, Any],
    line: Ligne,
    number: int,
    answer: Reponse | None,
    pair: tuple[str, str] | None,
    par: str | None,
    essai: bool,
) -> None:
    critere = line.textes["critere"]
    now = feuilles.reponses(store, number, line.feuille).get(critere, {})
    rev, rev_c = (int(line.textes[name] or 0) for name in ("rev", "rev_c"))
    if (answer is not None and now.get("rev_n", 0) != rev) or (
        pair is not None and now.get("rev_c", 0) != rev_c
    ):
        by = now.get("modifie_par") or "l'exploitant"
        found["conflits"].append(
            {"cellule": line.cellule("reponse"), "raison": f"{critere} : répondu depuis par {by}"}
        )
        return
    if not essai:
        try:
            if answer is not None:
                feuilles.repondre(store, number, line.feuille, critere, answer, rev=rev, par=par)
            if pair is not None:
                feuilles.commenter(
                    store, number, line.feuille, critere, interne=pair[0], public=pair[1], rev=rev_c, par=par
                )
        except EditConflict as error:
            found["conflits"].append({"cellule": line.cellule("reponse"), "raison": str(error)})
            return
        except (FeuilleFermee, AccessDenied, LakeError) as error:
            _refused(found, line, "reponse", str(error))
            return
    found["modifies"] += 1


def _judged(
    referentiel: Referentiel, drafts: Saisie, wanted: list[tuple[Ligne, Reponse | None, Any]]
) -> dict[tuple[str, str], str]:
    """The reason against each proposed answer, by the rules that files obey."""
    rows = [
        (
            line.textes["service"],
            line.textes["critere"],
            answer.niveau,
            answer.nature == "na",
            line.textes["porte_par"] if answer.nature == "porte" else None,
            True,
        )
        for line, answer, _ in wanted
        if answer is not None and answer.nature not in ("vide", "valeur")
    ]
    values = pl.DataFrame(
        [
            (line.textes["service"], line.textes["critere"], answer.valeur, None)
            for line, answer, _ in wanted
            if answer is not None and answer.nature == "valeur"
        ],
        schema=dict.fromkeys(("service", "critere", "valeur", "unite"), pl.String),
        orient="row",
    )
    none = pl.DataFrame(schema={"service": pl.String, "critere": pl.String, "niveau": pl.Int64})
    said = juger(values, drafts.services, referentiel.criteres, drafts.preliminaires, none)
    found = _reasons(said)
    if not rows:
        return found
    columns = ["service", "critere", "niveau", "non_applicable", "porte_par", "transmis"]
    old = drafts.reponses.filter(pl.col("nature") != "valeur").select(columns)
    new = pl.DataFrame(rows, schema=old.schema, orient="row")
    both = pl.concat([old.join(new, on=["service", "critere"], how="anti"), new])
    verdict = judge_answers(
        both, drafts.services, referentiel.criteres, referentiel.niveaux, drafts.preliminaires
    )
    return found | _reasons(verdict)


def _reasons(judged: pl.DataFrame) -> dict[tuple[str, str], str]:
    kept = judged.filter(pl.col("motif").is_not_null()).select("service", "critere", "motif")
    return {(row[0], row[1]): row[2] for row in kept.iter_rows()}


def _value(line: Ligne, changed: frozenset[str], kind: str) -> Reponse | str | None:
    """What a line answers to a criterion that asks a number, a day or a text."""
    if "porte_par" in changed:
        return "porteur : ce critère se répond par une valeur, que personne ne porte"
    if "reponse" not in changed:
        return None
    if line.textes["reponse"].upper() == EFFACER:
        return Reponse()
    try:
        return Reponse("valeur", valeur=valeur_lue(line.textes["reponse"], kind))
    except Refused as error:
        return f"réponse illisible : {error}"


def _answer(
    line: Ligne, known: Mapping[str, Mapping[str, Any]], changed: frozenset[str]
) -> Reponse | str | None:
    """What a line answers; None for no change of the answer, a text for what is wrong with it."""
    if not {"reponse", "porte_par", "justification"} & changed:
        return None
    said, carrier = line.textes["reponse"], line.textes["porte_par"]
    if said.upper() == EFFACER:
        return Reponse()
    if carrier and ("porte_par" in changed or not said):
        if carrier not in known:
            return f"service porteur inconnu : {carrier}"
        return Reponse("porte", porte_par=int(known[carrier]["id"]))
    if said.upper() in ("NA", "N/A", "NON APPLICABLE"):
        return Reponse("na", justification_na=line.textes["justification"])
    if re.fullmatch(r"[0-9]+([.,]0+)?", said):
        return Reponse("niveau", niveau=int(re.split(r"[.,]", said)[0]))
    return None if not said else f"réponse illisible : « {said} » (un niveau, NA ou {EFFACER})"


def _comments(line: Ligne, changed: frozenset[str]) -> tuple[str, str] | None:
    """The comments of a line, internal then public; None for no change. An emptied cell leaves what was there."""
    names = ("commentaire", "commentaire_public")
    if not changed & set(names):
        return None
    before = montre(line)
    said = {name: line.textes[name] if name in changed else before[name] for name in names}
    inside, public = ("" if said[name].upper() == EFFACER else said[name] for name in names)
    return inside, public


def _shown(answer: Mapping[str, Any], codes: Mapping[int, str], kind: str) -> list[str]:
    nature = answer.get("nature", "vide")
    said = {"niveau": str(answer.get("niveau")), "na": "NA"}.get(nature, "")
    if nature == "valeur":
        said = valeur_dite(answer["valeur"], kind)
    carrier = codes.get(answer.get("porte_par_id") or 0, "") if nature == "porte" else ""
    return [
        said,
        carrier,
        answer.get("justification_na", ""),
        answer.get("commentaire", ""),
        answer.get("commentaire_public", ""),
    ]


def _refused(found: dict[str, Any], line: Ligne, column: str, reason: str) -> None:
    found["refuses"].append({"cellule": line.cellule(column), "raison": reason})


def _criteria(referentiel: Referentiel) -> dict[str, dict[str, Any]]:
    levels: dict[str, list[int]] = {}
    for critere, level in referentiel.niveaux.sort("niveau").select("critere", "niveau").iter_rows():
        levels.setdefault(critere, []).append(level)
    return {
        row["critere"]: {**row, "niveaux": levels.get(row["critere"], [])}
        for row in referentiel.criteres.iter_rows(named=True)
    }
