"""Many sheets validated at once, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import sqlalchemy as sa

from lake.droits_saisie import Objet, may
from lake.errors import LakeError, Refused
from lake.store.engine import Store
from lake.store.saisie.acteurs import acteur_in
from lake.store.saisie.contenus import contenus_de
from lake.store.saisie.tables import FEUILLES, SERVICES
from lake.store.saisie.versions import ecrite, refuser_boucles


def valider_tout(
    store: Store,
    *,
    par: str | None,
    version_referentiel: str | Callable[[str], str],
    service: str | None = None,
    feuilles: Iterable[int] | None = None,
    nature: str = "validation",
    now: datetime | None = None,
) -> tuple[int, list[str]]:
    """Validate every draft that someone may: (versions written, what was refused in French).

    Args:
        store: where.
        par: who; None for the operator.
        version_referentiel: the referential's; or which one, from the questionnaire.
        service: only this one's sheets, by code.
        feuilles: only these sheets, by number.
        nature: see :func:`lake.store.saisie.versions.valider`.
        now: the moment.

    Raises:
        ContractError: carriers would go round in a loop; nothing is validated.
        LakeError: there is no such service.
    """
    moment = now or datetime.now(UTC)
    wanted = (
        sa.select(FEUILLES)
        .where(FEUILLES.c.etat.in_(("brouillon", "a_valider")))
        .order_by(FEUILLES.c.id)
        .with_for_update()
    )
    if feuilles is not None:
        wanted = wanted.where(FEUILLES.c.id.in_(sorted(feuilles)))
    written, refused = 0, []
    with store.writing() as connection:
        who = acteur_in(connection, par)
        every = {row["id"]: dict(row) for row in connection.execute(sa.select(SERVICES)).mappings()}
        if service is not None:
            numbers = [number for number, one in every.items() if one["code"] == service]
            if not numbers:
                raise LakeError(
                    f"Aucun service « {service} » dans la saisie.", conseil="Les services : obs saisie etat."
                )
            wanted = wanted.where(FEUILLES.c.service_id.in_(numbers))
        sheets = [dict(row) for row in connection.execute(wanted).mappings()]
        contents = contenus_de(connection, sheets, every)
        for sheet in sheets:
            about = every[sheet["service_id"]]
            waiting = sheet["soumise_par"] if sheet["etat"] == "a_valider" else ""
            name = f"{about['code']} / {sheet['questionnaire']}"
            if about["etat"] == "archive":
                continue
            if not may("valider", Objet(about["region"], about["id"], sheet["questionnaire"], waiting), who):
                refused.append(f"{name} : hors de vos habilitations")
                continue
            try:
                under = version_referentiel
                under = under if isinstance(under, str) else under(sheet["questionnaire"])
                ecrite(connection, sheet, about, who, under, nature, "", moment, contents[sheet["id"]])
                written += 1
            except Refused as error:
                refused.append(f"{name} : {error}")
        if written:
            refuser_boucles(connection)
    return written, refused
