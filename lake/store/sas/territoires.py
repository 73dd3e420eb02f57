"""Territories that a SAS names (« CPTS A »): sets of its communes, shared by its pilots, each change in the journal.

A commune is in one named territory of its SAS at most: the parts, and what is in none of them, add up to the SAS. The
same name in two SAS is one territory that lies across both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from lake.catalog.sas import HORS, TERRITOIRES
from lake.errors import ContractError, Refused
from lake.store import journal
from lake.store.engine import Store
from lake.store.sas.tables import TERRITOIRES as NOMMES
from lake.store.sas.tables import TERRITOIRES_COMMUNES as DEDANS
from lake.text import words

MOST = 60
"""Named territories of a SAS."""


@dataclass(frozen=True)
class Territoire:
    """A named territory.

    Attributes:
        id: number; 0 for one that is not kept yet.
        sas: ``SAS-54``.
        nom: its name.
        communes: INSEE codes, sorted.
        revision: grows at each change.
    """

    id: int
    sas: str
    nom: str
    communes: tuple[str, ...] = ()
    revision: int = 0


def lister(store: Store, sas: str | None = None) -> list[Territoire]:
    """The named territories of a SAS, or of all, by SAS and name."""
    wanted = sa.select(NOMMES).order_by(NOMMES.c.sas, NOMMES.c.titre)
    inside = sa.select(DEDANS.c.territoire_id, DEDANS.c.code_commune).order_by(DEDANS.c.code_commune)
    if sas is not None:
        wanted, inside = wanted.where(NOMMES.c.sas == sas), inside.where(DEDANS.c.sas == sas)
    with store.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
        found: dict[int, list[str]] = {}
        for number, code in connection.execute(inside):
            found.setdefault(number, []).append(code)
    return [
        Territoire(row["id"], row["sas"], row["titre"], tuple(found.get(row["id"], ())), row["revision"])
        for row in rows
    ]


def garder(
    store: Store,
    territoire: Territoire,
    *,
    auteur: str = "",
    now: datetime | None = None,
) -> int:
    """Keep a territory, new or changed; returns its number.

    Raises:
        Refused: it has no name, a name that is taken, no commune, or a commune of another named territory.
        ContractError: it was changed or taken away meanwhile, or is one too many.
    """
    nom = " ".join(territoire.nom.split())
    if not 1 <= len(nom) <= 60:
        raise Refused("nom", "Nommez le territoire, en 60 caractères au plus.")
    if words(nom) in (HORS, "non renseigne", words("hors territoires nommés")):
        raise Refused("nom", f"« {nom} » désigne déjà ce qui n’est dans aucun territoire.")
    communes = sorted(set(territoire.communes))
    if not communes:
        raise Refused("communes", "Choisissez au moins une commune.")
    moment = now or datetime.now(UTC)
    with store.writing() as connection:
        others = _names(connection, territoire.sas, territoire.id)
        if words(nom) in {words(one) for one in others}:
            raise Refused("nom", f"Ce SAS a déjà un territoire « {nom} ».")
        if len(others) >= MOST:
            raise ContractError(f"Un SAS nomme au plus {MOST} territoires.", conseil="Retirez-en un.")
        _refuse_taken(connection, territoire, communes)
        try:
            with connection.begin_nested():
                number = _written(connection, territoire, nom, moment)
                connection.execute(sa.delete(DEDANS).where(DEDANS.c.territoire_id == number))
                connection.execute(
                    sa.insert(DEDANS),
                    [
                        {"territoire_id": number, "sas": territoire.sas, "code_commune": code}
                        for code in communes
                    ],
                )
        except IntegrityError as error:  # somebody named it, or took one of its communes, at the same moment
            raise ContractError(
                "Un autre pilote de ce SAS vient de nommer la même chose.",
                conseil="Rechargez la page.",
            ) from error
        journal.write(
            connection, "sas.territoire_garde", territoire.sas, auteur=auteur or None,
            details={"nom": nom, "communes": len(communes)}, now=now,
        )  # fmt: skip
    return number


def retirer(store: Store, number: int, sas: str, *, auteur: str = "", now: datetime | None = None) -> None:
    """Take a territory away from a SAS: its communes are in none; one that is gone already is."""
    mine = sa.and_(NOMMES.c.id == number, NOMMES.c.sas == sas)
    with store.writing() as connection:
        nom = connection.execute(sa.select(NOMMES.c.titre).where(mine)).scalar_one_or_none()
        if nom is None:
            return
        connection.execute(sa.delete(DEDANS).where(DEDANS.c.territoire_id == number))
        connection.execute(sa.delete(NOMMES).where(mine))
        journal.write(
            connection, "sas.territoire_retire", sas, auteur=auteur or None, details={"nom": nom}, now=now
        )


def traduire(store: Store, successeurs: Mapping[str, str], *, now: datetime | None = None) -> int:
    """Put, in named territories, the communes that took former ones in; returns how many territories changed.

    When the communes of several territories merged into one, it counts once: it stays where it already is, else goes
    where most of those that made it are, the first by name among equals. The journal says which, and of whom it is now;
    asked twice, it changes nothing.

    Args:
        store: where.
        successeurs: former commune -> today's.
        now: the moment.
    """
    moment, changed = now or datetime.now(UTC), 0
    for sas in sorted({one.sas for one in lister(store) if successeurs.keys() & set(one.communes)}):
        with store.writing() as connection:
            held = _held(connection, sas)
            owner = _owners(held, successeurs)
            for (nom, number), codes in held.items():
                gone = sorted(code for code in codes if code in successeurs)
                if not gone:
                    continue
                connection.execute(
                    sa.delete(DEDANS).where(DEDANS.c.territoire_id == number, DEDANS.c.code_commune.in_(gone))
                )
                new = sorted({successeurs[code] for code in gone} - set(codes))
                mine = [code for code in new if owner[code] == (nom, number)]
                if mine:
                    connection.execute(
                        sa.insert(DEDANS),
                        [{"territoire_id": number, "sas": sas, "code_commune": code} for code in mine],
                    )
                connection.execute(
                    sa.update(NOMMES)
                    .where(NOMMES.c.id == number)
                    .values(revision=NOMMES.c.revision + 1, maj_le=moment)
                )
                said = [f"{code} devient {successeurs[code]}" for code in gone]
                said += [f"{code} est de « {owner[code][0]} »" for code in new if code not in mine]
                journal.write(
                    connection, "sas.territoire_garde", sas,
                    details={"nom": nom, "communes": len(codes) - len(gone) + len(mine), "detail": ", ".join(said)},
                    now=moment,
                )  # fmt: skip
                changed += 1
    return changed


def rangs(territoires: Sequence[Territoire], successeurs: Mapping[str, str] | None = None) -> pl.DataFrame:
    """The rows that are published of territories, as the lake's contract says.

    A row a commune, and one for each that it took in: days published under a former code are told of the territory too.

    Args:
        territoires: them.
        successeurs: former commune -> today's.
    """
    of = {(one.sas, code): one.nom for one in territoires for code in one.communes}
    for former, code in (successeurs or {}).items():
        for sas in {one.sas for one in territoires}:
            if (sas, code) in of:
                of.setdefault((sas, former), of[sas, code])
    rows = [
        {"sas": sas, "code_departement": sas.removeprefix("SAS-"), "territoire": nom, "code_commune": code}
        for (sas, code), nom in of.items()
    ]
    return pl.DataFrame(rows, schema=TERRITOIRES.dtypes())


def _held(connection: Connection, sas: str) -> dict[tuple[str, int], set[str]]:
    """(name, number) -> communes, of the territories of a SAS, by name."""
    wanted = (
        sa.select(NOMMES.c.titre, NOMMES.c.id, DEDANS.c.code_commune)
        .join(DEDANS, DEDANS.c.territoire_id == NOMMES.c.id)
        .where(NOMMES.c.sas == sas)
        .order_by(NOMMES.c.titre, NOMMES.c.id)
    )
    found: dict[tuple[str, int], set[str]] = {}
    for nom, number, code in connection.execute(wanted):
        found.setdefault((nom, number), set()).add(code)
    return found


def _owners(
    held: Mapping[tuple[str, int], set[str]], successeurs: Mapping[str, str]
) -> dict[str, tuple[str, int]]:
    """Commune that took others in -> the territory that it is of."""
    parts: dict[str, Counter[tuple[str, int]]] = {}
    for key, codes in held.items():
        for code in codes:
            if code in successeurs:
                parts.setdefault(successeurs[code], Counter())[key] += 1
    found = {}
    for code, count in parts.items():
        there = next((key for key, codes in held.items() if code in codes), None)
        found[code] = there or min(count, key=lambda key: (-count[key], key))
    return found


def _names(connection: Connection, sas: str, but: int) -> list[str]:
    wanted = sa.select(NOMMES.c.titre).where(NOMMES.c.sas == sas, NOMMES.c.id != but)
    return list(connection.execute(wanted).scalars())


def _refuse_taken(connection: Connection, territoire: Territoire, communes: Collection[str]) -> None:
    taken = (
        sa.select(DEDANS.c.code_commune, NOMMES.c.titre)
        .join(NOMMES, NOMMES.c.id == DEDANS.c.territoire_id)
        .where(DEDANS.c.sas == territoire.sas, DEDANS.c.territoire_id != territoire.id)
        .order_by(DEDANS.c.code_commune)
    )
    both = [(code, nom) for code, nom in connection.execute(taken) if code in set(communes)]
    if both:
        said = ", ".join(f"{code} (« {nom} »)" for code, nom in both[:5])
        raise Refused(
            "communes",
            f"Déjà dans un autre territoire : {said}{'…' if len(both) > 5 else ''}.",
            conseil="Retirez-les de l’un des deux : une commune ne compte qu’une fois.",
        )


def _written(connection: Connection, territoire: Territoire, nom: str, moment: datetime) -> int:
    if not territoire.id:
        done = connection.execute(
            sa.insert(NOMMES).values(sas=territoire.sas, titre=nom, revision=1, cree_le=moment, maj_le=moment)
        )
        assert done.inserted_primary_key is not None
        return int(done.inserted_primary_key[0])
    changed = connection.execute(
        sa.update(NOMMES)
        .where(
            NOMMES.c.id == territoire.id,
            NOMMES.c.sas == territoire.sas,
            NOMMES.c.revision == territoire.revision,
        )
        .values(titre=nom, revision=NOMMES.c.revision + 1, maj_le=moment)
    )
    if not changed.rowcount:
        raise ContractError(
            "Ce territoire vient d’être changé, ou retiré, par un autre pilote.", conseil="Rechargez la page."
        )
    return territoire.id
