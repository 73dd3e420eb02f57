"""Seals: a hash over all that a version says, computed again whenever one doubts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC
from typing import Any

import sqlalchemy as sa

from lake.store.engine import Store
from lake.store.saisie.tables import FEUILLES, SERVICES, VERSIONS


def canonique(content: Mapping[str, Any]) -> str:
    """Content as one text, always the same for the same content."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sceau(row: Mapping[str, Any]) -> str:
    """SHA-256 of a version: all its columns but its number in the base, and the seal itself."""
    said = {
        **{
            name: row[name]
            for name in (
                "numero",
                "version_referentiel",
                "validee_par",
                "validee_org",
                "nature",
                "motif",
                "soumise_rev",
                "contenu",
            )
        },
        "validee_le": row["validee_le"].astimezone(UTC).isoformat(),
    }
    return hashlib.sha256(canonique(said).encode()).hexdigest()


def verifier(store: Store) -> tuple[int, list[str]]:
    """Compute every seal again: (versions read, those that are not what was validated, named in French)."""
    wanted = (
        sa.select(VERSIONS, SERVICES.c.code, FEUILLES.c.questionnaire, FEUILLES.c.derniere_version)
        .join(FEUILLES, FEUILLES.c.id == VERSIONS.c.feuille_id)
        .join(SERVICES, SERVICES.c.id == FEUILLES.c.service_id)
        .order_by(SERVICES.c.code, FEUILLES.c.questionnaire, VERSIONS.c.numero)
    )
    wrong, count = [], 0
    seen: dict[tuple[str, str], tuple[int, int]] = {}
    with store.reading() as connection:
        for row in connection.execute(wanted).mappings():
            count += 1
            name = f"{row['code']} / {row['questionnaire']}, version {row['numero']}"
            if sceau(dict(row)) != row["empreinte"]:
                wrong.append(f"{name} : le contenu n'est plus celui qui a été validé")
            key = (row["code"], row["questionnaire"])
            before = seen.get(key, (0, 0))[0]
            if row["numero"] != before + 1:
                wrong.append(f"{name} : la version {before + 1} manque")
            seen[key] = (row["numero"], row["derniere_version"])
    for (code, questionnaire), (last, wanted_last) in seen.items():
        if last < wanted_last:
            wrong.append(f"{code} / {questionnaire} : la version {wanted_last} manque")
    return count, wrong
