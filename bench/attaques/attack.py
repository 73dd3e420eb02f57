"""One attack and its outcome; the tally that ``make attaques`` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Attack:
    """Something bad that is done on purpose.

    Attributes:
        family: what the tally counts it under, in French.
        name: what is done.
        strike: does it; returns what went wrong, or an empty text when the suite held.
    """

    family: str
    name: str
    strike: Callable[[], str]


def tally(attacks: Iterable[Attack], say: Callable[[str], None]) -> int:
    """Do every attack and say how many held, family by family.

    Returns:
        How many did not hold.
    """
    done: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for attack in attacks:
        try:
            wrong = attack.strike()
        except Exception as error:  # an attack that cannot be carried out is no success
            wrong = f"{type(error).__name__}: {error}"
        done[attack.family] += 1
        if wrong:
            failed[attack.family] += 1
            say(f"  ÉCHEC {attack.family} · {attack.name} : {wrong}")
    for family, count in done.items():
        say(f"{family} : {count - failed[family]} tenues sur {count}")
    return failed.total()
