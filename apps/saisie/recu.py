"""The receipt of a validated version, as a PDF: what was said, by whom, when, and the seal that proves it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from apps.kit.export import pdf
from apps.kit.style import theme
from apps.kit.style.french import NNBSP, long_date, quarter, typographic
from apps.saisie.criteres import mot
from lake.catalog.convergence_usages import dite
from lake.store.saisie.frames import PARIS
from lake.store.saisie.versions import Version
from scoring.saisie.referentiel import Referentiel
from scoring.saisie.volets import REGIONS, volet_de

LAYOUT = Path(__file__).with_name("recu.typ")
NATURES = {"validation": "validée", "correction": "correction", "reprise": "reprise d’une campagne"}


def contenu(version: Version, service: Mapping[str, Any], referentiel: Referentiel) -> dict[str, Any]:
    """What the receipt of a version says, by part.

    Args:
        version: the version.
        service: its service.
        referentiel: the version of the referential that it was validated under.
    """
    at = version.validee_le.astimezone(PARIS)
    sheet = str(version.contenu["questionnaire"])
    labels = dict(referentiel.criteres.select("critere", "libelle_critere").iter_rows())
    plan = "etapes" in version.contenu
    who = version.validee_par or "l’exploitant"
    lines = [
        f"{service['nom']} ({service['code']})"
        + (f", région {service['region']}." if volet_de(service["kind"]) == REGIONS else "."),
        f"Version {version.numero}, {NATURES.get(version.nature, version.nature)} le {long_date(at.date())} à {at.hour}"
        f"{NNBSP}h{NNBSP}{at.minute:02d} par {who}, {version.validee_org or 'sans organisation'} ; référentiel "
        f"{version.version_referentiel}.",
        *([f"Motif : {version.motif}"] if version.motif else []),
    ]
    rows = (
        [_step(one, labels) for one in version.contenu["etapes"]]
        if plan
        else [_answer(one, labels, referentiel) for one in version.contenu["reponses"]]
    )
    return {
        "titre": typographic(
            f"{'Plan' if plan else 'Questionnaire'} {sheet.removeprefix('PLAN-')} : récépissé"
        ),
        "police": theme.PRINT_FONT,
        "lignes": [typographic(one) for one in lines],
        "sceau": {
            "titre": "Sceau (SHA-256)",
            "empreinte": version.empreinte,
            "phrase": typographic(
                "Il est calculé sur tout ce que dit cette version, sans arrondi ni mise en forme. L’exploitant le "
                "recalcule à la demande (obs saisie verifier) : un octet changé le change."
            ),
        },
        "colonnes": ["", "large", "", "large"],
        "entetes": [
            "Critère",
            "Libellé",
            *(["Échéance", "Motif"] if plan else ["Réponse", "Commentaire publié ou justification"]),
        ],
        "rangs": rows,
        "pied": typographic(f"Sceau : {version.empreinte}"),
    }


def faire(version: Version, service: Mapping[str, Any], referentiel: Referentiel) -> bytes:
    """The PDF; the same version always gives the same bytes.

    Raises:
        SourceUnavailable: set-up has not installed the font.
    """
    return pdf.compose(contenu(version, service, referentiel), LAYOUT, now=version.validee_le)


def _answer(one: Mapping[str, Any], labels: Mapping[str, str], ref: Referentiel) -> list[str]:
    code = str(one["critere"])
    if one["nature"] == "niveau":
        said = f"{one['niveau']} {mot(one['niveau'])}" + ("" if one["transmis"] else ", non transmis")
    elif one["nature"] == "na":
        said = "non applicable"
    else:
        value = one["nature"] == "valeur"
        said = dite(ref.criteres, code, str(one["valeur"])) if value else f"porté par {one['porte_par']}"
    more = one["commentaire_public"] or (one["justification_na"] if one["nature"] == "na" else "")
    return [code, typographic(labels.get(code, "")), typographic(said), typographic(more)]


def _step(one: Mapping[str, Any], labels: Mapping[str, str]) -> list[str]:
    code = str(one["critere"])
    when = (
        "non planifiable"
        if one["niveau"] is None
        else f"{one['niveau']} {mot(one['niveau'])}, {quarter(one['trimestre'])}"
    )
    waits = ", ".join(code for code in one.get("jalons", "").split("|") if code)
    why = " ".join(part for part in (one["motif"], one["texte"], f"Attend {waits}." if waits else "") if part)
    return [code, typographic(labels.get(code, "")), typographic(when), typographic(why)]
