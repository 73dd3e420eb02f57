"""What is handed over once a seat is taken: a text to read out, a slip, an invitation. Nobody's name is in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from apps.kit.style.french import long_date, typographic
from apps.sas.words import SHORT, hour


@dataclass(frozen=True)
class Fiche:
    """A booking, as it is told.

    Attributes:
        reference: ``SAS-XXXX-XXXX``.
        debut, fin: its hours (UTC).
        fuseau: clock of the place.
        effecteur: who.
        lieu: where, as the directory writes it.
        modalite: ``AMB``, ``HH`` or ``VR``.
    """

    reference: str
    debut: datetime
    fin: datetime
    fuseau: str
    effecteur: str
    lieu: str
    modalite: str

    @property
    def texte(self) -> str:
        """What a régulateur reads out, and the patient may keep."""
        day = self.debut.astimezone(ZoneInfo(self.fuseau)).date()
        lines = [
            f"Rendez-vous le {long_date(day, weekday=True)} à {hour(self.debut, self.fuseau)}",
            f"Avec : {self.effecteur}",
            f"{SHORT[self.modalite]}" + (f" : {self.lieu}" if self.lieu and self.modalite == "AMB" else ""),
            f"Référence : {self.reference}",
            "Apportez votre carte Vitale. En cas d’empêchement ou d’aggravation, rappelez le 15.",
        ]
        return typographic("\n".join(lines))

    def slip(self) -> bytes:
        """The text, as a file to print."""
        return self.texte.encode()

    def ics(self, now: datetime | None = None) -> bytes:
        """The invitation: moments in UTC, right whatever the clock of who opens it."""
        from icalendar import Calendar, Event  # heavy, and for those who take the invitation

        calendar = Calendar()
        calendar.add("prodid", "-//Observatoire e-santé//SAS//FR")
        calendar.add("version", "2.0")
        event = Event()
        event.add("uid", f"{self.reference}@sas")
        event.add("dtstamp", now or datetime.now(UTC))
        event.add("dtstart", self.debut.astimezone(UTC))
        event.add("dtend", self.fin.astimezone(UTC))
        event.add("summary", f"Consultation : {self.effecteur}")
        event.add("description", f"Référence {self.reference}")
        if self.lieu and self.modalite == "AMB":
            event.add("location", self.lieu)
        calendar.add_component(event)
        return bytes(calendar.to_ical())
