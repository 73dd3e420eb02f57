"""Many at once: files loaded into drafts, a closed campaign taken up again, everything validated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from lake.droits_saisie import ENSEMBLES, Acteur, Objet, may
from lake.store.engine import Store
from lake.store.saisie.acteurs import acteur_in, habiliter_createur
from lake.store.saisie.apports import Charge, Lot, nature
from lake.store.saisie.evenements import note
from lake.store.saisie.plans import desordre
from lake.store.saisie.tables import (
    ETAPES,
    FEUILLES,
    LIENS,
    PRELIMINAIRES,
    REPONSES,
    SERVICES,
    SOLUTIONS,
)

_PLACE = 500
"""Rows written in one statement."""


class _Essai(Exception):
    """Takes the whole loading back: it was only tried."""


def charger(
    store: Store,
    lot: Lot,
    questionnaires: Mapping[str, str],
    *,
    par: str | None,
    origine: str = "importee",
    essai: bool = False,
    neuves: bool = False,
    now: datetime | None = None,
) -> Charge:
    """Load rows into the drafts: everything that may be written is, or nothing on an error.

    Args:
        store: where.
        lot: the rows, already judged by the rules of answers and steps.
        questionnaires: criterion -> its questionnaire.
        par: who; None for the operator.
        origine: ``importee``, or ``reprise`` for what has to be confirmed.
        essai: say what would be done, and do nothing.
        neuves: only sheets that hold nothing are filled.
        now: the moment.
    """
    done = Charge()
    try:
        with store.writing() as connection:
            _Loading(
                connection, lot, questionnaires, par, origine, neuves, now or datetime.now(UTC), done
            ).run()
            if essai:
                raise _Essai
    except _Essai:
        pass
    return done


class _Loading:
    """One loading, in its transaction."""

    def __init__(
        self,
        connection: Connection,
        lot: Lot,
        questionnaires: Mapping[str, str],
        par: str | None,
        origine: str,
        neuves: bool,
        moment: datetime,
        done: Charge,
    ) -> None:
        self.connection, self.lot, self.questionnaires = connection, lot, questionnaires
        self.par, self.origine, self.neuves, self.moment, self.done = par, origine, neuves, moment, done
        self.who: Acteur = acteur_in(connection, par)
        self.known = {row["code"]: dict(row) for row in connection.execute(sa.select(SERVICES)).mappings()}
        self.sheets = {
            (row["service_id"], row["questionnaire"]): dict(row)
            for row in connection.execute(sa.select(FEUILLES).with_for_update()).mappings()
        }
        self.full = set(connection.execute(sa.select(REPONSES.c.feuille_id).distinct()).scalars())
        self.full |= set(connection.execute(sa.select(ETAPES.c.feuille_id).distinct()).scalars())
        self.touched: set[int] = set()

    def run(self) -> None:
        self._services()
        self._links()
        self._pairs()
        self._answers()
        self._steps()
        if self.touched:
            self.connection.execute(
                sa.update(FEUILLES)
                .where(FEUILLES.c.id.in_(sorted(self.touched)))
                .values(
                    etat="brouillon",
                    rev=FEUILLES.c.rev + 1,
                    modifie_le=self.moment,
                    modifie_par=self.par or "",
                )
            )
            note(
                self.connection,
                "chargement",
                auteur=self.par,
                contenu={"origine": self.origine, "feuilles": len(self.touched)},
                now=self.moment,
            )
        self.done.feuilles = set(self.touched)

    def _services(self) -> None:
        systems = {
            one["region"]: code
            for code, one in self.known.items()
            if one["kind"] in ENSEMBLES and one["etat"] != "archive"
        }
        systems_ids = {region: self.known[code]["id"] for region, code in systems.items()}
        # Systems first: a grant on one covers what is created after it.
        order = self.lot.services.with_columns(_si=pl.col("kind") != "si_regional").sort(
            "_si", maintain_order=True
        )
        for row in order.drop("_si").iter_rows(named=True):
            code, known = row["service"], self.known.get(row["service"])
            fields = {
                "nom": row["nom"],
                "zone_pos": row["zone_pos"],
                "type_service": row["type_service"],
                "tronc_commun": row["tronc_commun"],
                "publiable": row["publiable"],
                "etat": "actif" if row["converge"] else "a_decommissionner",
            }
            if row["region"] is None:
                self.done.refus.append(f"service {code} : sans région")
                continue
            if row["kind"] == "si_regional" and systems.get(row["region"], code) != code:
                self.done.refus.append(
                    f"service {code} : la région {row['region']} a déjà son système d'information, "
                    f"« {self.known[systems[row['region']]]['nom']} »"
                )
                continue
            objet = Objet(row["region"], known["id"] if known else systems_ids.get(row["region"]))
            if not may("modifier" if known else "creer", objet, self.who):
                self.done.refus.append(f"service {code} : hors de vos habilitations")
                continue
            if known is not None:
                if known["region"] != row["region"] or known["kind"] != row["kind"]:
                    self.done.refus.append(
                        f"service {code} : sa région ou sa nature ne changent pas par un fichier"
                    )
                    continue
                if self.neuves or all(known[name] == value for name, value in fields.items()):
                    continue
                self.connection.execute(
                    sa.update(SERVICES)
                    .where(SERVICES.c.id == known["id"])
                    .values(**fields, **self._stamp(), rev=SERVICES.c.rev + 1)
                )
                known.update(fields)
            else:
                values = {
                    **_BARE,
                    **fields,
                    **self._stamp(),
                    "code": code,
                    "region": row["region"],
                    "kind": row["kind"],
                    "cree_le": self.moment,
                    "cree_par": self.par or "",
                }
                made = self.connection.execute(sa.insert(SERVICES).values(values)).inserted_primary_key
                assert made is not None
                self.known[code] = {**values, "id": made[0]}
                self.who = habiliter_createur(
                    self.connection, self.who, made[0], row["kind"], row["region"], self.moment
                )
                if row["kind"] == "si_regional":
                    systems[row["region"]], systems_ids[row["region"]] = code, made[0]
            self.done.services += 1

    def _links(self) -> None:
        """Who leans on whom: what a file says of a service replaces what was there."""
        given = self.lot.services.select("service", "utilise").drop_nulls("utilise")
        rows, of = [], set()
        for code, listed in given.iter_rows():
            if not self._mine(code):
                continue
            number = self.known[code]["id"]
            of.add(number)
            for other in dict.fromkeys(one.strip() for one in listed.split("|")):
                if other in self.known and other != code:
                    rows.append({"service_id": number, "utilise_id": self.known[other]["id"]})
        self._replaced(LIENS, of, rows)

    def _pairs(self) -> None:
        """Solutions and preliminary answers."""
        rows, of = [], set()
        for code, editeur, solution in self.lot.solutions.select(
            "service", "editeur", "solution"
        ).iter_rows():
            if self._mine(code):
                number = self.known[code]["id"]
                of.add(number)
                rows.append({"service_id": number, "editeur": editeur, "solution": solution})
        self._replaced(SOLUTIONS, of, list({tuple(one.values()): one for one in rows}.values()))
        said = {
            (row.service_id, row.question): row.valeur
            for row in self.connection.execute(sa.select(PRELIMINAIRES))
        }
        fresh = []
        for code, question, value in self.lot.preliminaires.select(
            "service", "question", "valeur"
        ).iter_rows():
            if not self._mine(code):
                continue
            key = (self.known[code]["id"], question)
            if key not in said:
                fresh.append(
                    {"service_id": key[0], "question": question, "valeur": value, "rev": 1, **self._stamp()}
                )
            elif said[key] != value and not self.neuves:
                self.connection.execute(
                    sa.update(PRELIMINAIRES)
                    .where(PRELIMINAIRES.c.service_id == key[0], PRELIMINAIRES.c.question == question)
                    .values(valeur=value, rev=PRELIMINAIRES.c.rev + 1, **self._stamp())
                )
        self._inserted(PRELIMINAIRES, fresh)

    def _answers(self) -> None:
        kept = {
            (row["feuille_id"], row["critere"]): row
            for row in self.connection.execute(sa.select(REPONSES)).mappings()
        }
        fresh = []
        for row in self.lot.reponses.iter_rows(named=True):
            sheet = self._sheet(row["service"], row["critere"], "saisir")
            if sheet is None:
                continue
            carrier = row["porte_par"]
            if carrier is not None and carrier not in self.known:
                self.done.refus.append(f"{row['service']} / {row['critere']} : porteur inconnu « {carrier} »")
                continue
            values = {
                "nature": nature(row),
                "valeur": row.get("valeur") or "",
                "niveau": row["niveau"],
                "porte_par_id": None if carrier is None else self.known[carrier]["id"],
                "transmis": row["transmis"],
                "commentaire_public": row["commentaire"] or "",
            }
            known = kept.get((sheet, row["critere"]))
            if known is None:
                fresh.append(
                    {
                        "feuille_id": sheet,
                        "critere": row["critere"],
                        "justification_na": "",
                        "rev_n": 1,
                        "commentaire": "",
                        "rev_c": 1,
                        "origine": self.origine,
                        "confirmee": self.origine != "reprise",
                        **values,
                        **self._stamp(),
                    }
                )
            elif all(known[name] == value for name, value in values.items()) and known["confirmee"]:
                self.done.inchanges += 1
                continue
            else:
                self.connection.execute(
                    sa.update(REPONSES)
                    .where(REPONSES.c.feuille_id == sheet, REPONSES.c.critere == row["critere"])
                    .values(
                        **values,
                        rev_n=REPONSES.c.rev_n + 1,
                        origine=self.origine,
                        confirmee=self.origine != "reprise",
                        **self._stamp(),
                    )
                )
            self.touched.add(sheet)
            self.done.reponses += 1
        self._inserted(REPONSES, fresh)

    def _steps(self) -> None:
        kept: dict[tuple[int, str], list[tuple[int, str | None]]] = {}
        waited: dict[tuple[int, str], str] = {}
        for old in self.connection.execute(sa.select(ETAPES)):
            kept.setdefault((old.feuille_id, old.critere), []).append((old.etape, old.trimestre))
            waited[old.feuille_id, old.critere] = old.jalons
        given: dict[tuple[int, str], list[dict[str, Any]]] = {}
        for row in self.lot.plans.iter_rows(named=True):
            sheet = self._sheet(row["service"], row["critere"], "planifier")
            if sheet is None:
                continue
            step = 0 if row["non_planifiable"] else row["niveau"] + 1
            # A file of steps says nothing of milestones: those that were named stay.
            named = row.get("jalons") or waited.get((sheet, row["critere"]), "")
            said = {name: row[name] for name in ("critere", "niveau", "trimestre")}
            said |= {"feuille_id": sheet, "etape": step, "motif": "", "texte": "", "jalons": named}
            given.setdefault((sheet, row["critere"]), []).append({**said, **self._stamp()})
        fresh = []
        for key, rows in given.items():
            steps = {one["niveau"]: one["trimestre"] for one in rows if one["niveau"] is not None}
            if wrong := desordre(key[1], steps):
                self.done.refus.append(wrong)
                continue
            if sorted(kept.get(key, [])) == sorted((one["etape"], one["trimestre"]) for one in rows):
                continue
            if key in kept:
                self.connection.execute(
                    sa.delete(ETAPES).where(ETAPES.c.feuille_id == key[0], ETAPES.c.critere == key[1])
                )
            fresh += rows
            self.touched.add(key[0])
            self.done.etapes += len(rows)
        self._inserted(ETAPES, fresh)

    # -- inside --------------------------------------------------------------------------------------

    def _stamp(self) -> dict[str, Any]:
        return {"modifie_le": self.moment, "modifie_par": self.par or ""}

    def _mine(self, code: str) -> bool:
        """Whether a service may be written in this loading."""
        known = self.known.get(code)
        return known is not None and may("saisir", Objet(known["region"], known["id"]), self.who)

    def _sheet(self, code: str, critere: str, action: str) -> int | None:
        """The number of the sheet of an answer, made when needed; None, with the reason said, when it is closed."""
        questionnaire, known = self.questionnaires.get(critere), self.known.get(code)
        if questionnaire is None or known is None:
            what = "critère inconnu" if questionnaire is None else "service inconnu ou refusé"
            self.done.refus.append(f"{code} / {critere} : {what}")
            return None
        if not may(action, Objet(known["region"], known["id"], questionnaire), self.who):
            self.done.refus.append(f"{code} / {critere} : hors de vos habilitations")
            return None
        name = f"PLAN-{questionnaire}" if action == "planifier" else questionnaire
        key = (known["id"], name)
        sheet = self.sheets.get(key)
        if sheet is None:
            values = {
                "service_id": known["id"],
                "questionnaire": name,
                "etat": "vide",
                "rev": 0,
                "soumise_par": "",
                "renvoi_motif": "",
                "derniere_version": 0,
                **self._stamp(),
            }
            made = self.connection.execute(sa.insert(FEUILLES).values(values)).inserted_primary_key
            assert made is not None
            sheet = self.sheets[key] = {**values, "id": made[0]}
        if sheet["etat"] == "a_valider":
            self.done.refus.append(f"{code} / {critere} : la feuille attend sa validation")
            return None
        if self.neuves and (sheet["id"] in self.full or sheet["derniere_version"]):
            return None
        return int(sheet["id"])

    def _replaced(self, table: sa.Table, of: Iterable[int], rows: list[dict[str, Any]]) -> None:
        numbers = sorted(of)
        if numbers:
            self.connection.execute(sa.delete(table).where(table.c.service_id.in_(numbers)))
        self._inserted(table, rows)

    def _inserted(self, table: sa.Table, rows: list[dict[str, Any]]) -> None:
        for start in range(0, len(rows), _PLACE):
            self.connection.execute(sa.insert(table), rows[start : start + _PLACE])


_BARE: Mapping[str, Any] = {
    "description": "",
    "prestataire": "",
    "hebergeur": "",
    "publiable_motif": "",
    "decommission": "",
    "besoins": "{}",
    "rev": 1,
}
