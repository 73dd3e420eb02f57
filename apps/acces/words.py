"""Words that several pages of the front door share."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from apps.kit.style import french

GENERIC = "Adresse ou mot de passe incorrects, ou compte indisponible."
SENT = (
    "Si un compte correspond à cette adresse, un message vient de lui être envoyé. Le lien qu’il contient sert une "
    "fois et expire au bout de 72 heures."
)
REQUESTED = (
    "Votre demande est enregistrée. La personne responsable de votre organisation va l’examiner : si elle l’accepte, "
    "vous recevrez par courriel un lien pour choisir votre mot de passe."
)
WHO_DECIDES = (
    "Votre demande est examinée par la personne responsable de votre organisation ; s’il n’y en a pas, par un "
    "administrateur."
)
GRANTED = (
    "Si cette adresse n’a pas encore de compte, un lien vient de lui être envoyé pour choisir un mot de passe. Il sert "
    "une fois et expire au bout de 72 heures."
)
PASSWORD_RULE = (
    "Au moins 12 caractères. Plusieurs mots valent mieux, et se retiennent mieux, qu’un seul compliqué."
)
CIVILITES = ("", "Mme", "M.")
PARIS = ZoneInfo("Europe/Paris")


def moment(at: datetime | None) -> str:
    """« 14 janvier 2025 à 9 h 05 », in Paris; « jamais » for none."""
    if at is None:
        return "jamais"
    here = at.astimezone(PARIS)
    return f"{french.long_date(here.date())} à {here.hour}{french.NNBSP}h{french.NNBSP}{here.minute:02d}"


def refused_for(seconds: int) -> str:
    """What a locked address is told: the same whether it has an account or not."""
    minutes = -(-seconds // 60)
    return f"Trop d’essais : attendez {french.counted(minutes, 'minute')} avant de recommencer."
