"""vCard 3.0 (RFC 2426), the version that every address book reads: escaped, folded, UTF-8.

Lines end with CRLF and hold 75 octets at most: longer ones go on on the next line after a space, and are never cut
within a character.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LIMIT = 75
"""Octets in a line, its end apart."""


@dataclass(frozen=True)
class Place:
    """Where someone is met.

    Attributes:
        name: name of the place.
        extra: complement of the address.
        street: number and street.
        code: postal code.
        town: commune.
        phones: telephone numbers.
        emails: e-mail addresses.
        longitude: degrees, None when it is not known to the address.
        latitude: degrees, with the longitude.
    """

    name: str = ""
    extra: str = ""
    street: str = ""
    code: str = ""
    town: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    longitude: float | None = None
    latitude: float | None = None


@dataclass(frozen=True)
class Card:
    """What a card says.

    Attributes:
        uid: identifier that stays the same from one export to the next.
        family: family name; empty for an establishment.
        given: first name; empty for an establishment.
        prefix: civil title of exercise (``Docteur``).
        name: name of an establishment; empty for a person.
        title: profession, or category.
        specialties: words under which address books sort it.
        places: where; the first one is the preferred.
        note: source and date.
    """

    uid: str
    family: str = ""
    given: str = ""
    prefix: str = ""
    name: str = ""
    title: str = ""
    specialties: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    note: str = ""


def vcards(cards: Iterable[Card]) -> bytes:
    """A file of cards, in order."""
    return "".join(_card(card) for card in cards).encode("utf-8")


def escaped(text: str) -> str:
    """A value in which nothing separates: backslash, comma, semicolon and line end are escaped."""
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def folded(line: str) -> str:
    """A line cut into lines of :data:`LIMIT` octets at most, ended by CRLF."""
    parts, part, room = [], "", LIMIT
    for character in line:
        size = len(character.encode("utf-8"))
        if size > room:
            parts.append(part)
            part, room = " ", LIMIT - 1
        part += character
        room -= size
    return "\r\n".join([*parts, part]) + "\r\n"


def _card(card: Card) -> str:
    full = card.name or " ".join(part for part in (card.prefix, card.given, card.family) if part)
    structured = (card.family or card.name, card.given, "", card.prefix, "")
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"FN:{escaped(full or card.uid)}",
        "N:" + ";".join(escaped(part) for part in structured),
        f"UID:{escaped(card.uid)}",
    ]
    if card.name:
        lines.append(f"ORG:{escaped(card.name)}")
    if card.title:
        lines.append(f"TITLE:{escaped(card.title)}")
    if card.specialties:
        lines.append("CATEGORIES:" + ",".join(escaped(word) for word in card.specialties))
    for rank, place in enumerate(card.places):
        lines += _place(place, first=rank == 0, organisation=not card.name)
    if card.note:
        lines.append(f"NOTE:{escaped(card.note)}")
    lines.append("END:VCARD")
    return "".join(folded(line) for line in lines)


def _place(place: Place, *, first: bool, organisation: bool) -> list[str]:
    """The lines of a place; an address book keeps one organisation and one position: those of the first place."""
    preferred = ",PREF" if first else ""
    lines = []
    if first and organisation and place.name:
        lines.append(f"ORG:{escaped(place.name)}")
    if place.street or place.town or place.code:
        # An address has no room for the place's name but its complement.
        extra = ", ".join(part for part in (place.name if organisation else "", place.extra) if part)
        parts = ("", extra, place.street, place.town, "", place.code, "France")
        lines.append(f"ADR;TYPE=WORK{preferred}:" + ";".join(escaped(part) for part in parts))
    lines += [f"TEL;TYPE=WORK,VOICE{preferred}:{escaped(number)}" for number in place.phones]
    lines += [f"EMAIL;TYPE=INTERNET{preferred}:{escaped(address)}" for address in place.emails]
    if first and place.longitude is not None and place.latitude is not None:
        lines.append(f"GEO:{place.latitude:.6f};{place.longitude:.6f}")
    return lines
