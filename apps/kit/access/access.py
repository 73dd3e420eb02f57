"""Who may see what: asked at the top of every page, of every fragment and of every export.

The menu only shows what a reader may open; that is comfort, not protection. Each page asks again when it runs, so
does each fragment (its rerun skips the page) and each file made on demand: a session ended or narrowed elsewhere is
felt at the next action.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl
from starlette.requests import Request

from apps.kit.access import session
from apps.kit.access.session import Reader
from apps.kit.access.session_route import is_secure
from lake.droits import SAS, Droits
from lake.errors import AccessDenied
from lake.settings import Settings
from lake.store.accounts import actions
from lake.store.sas import pilotes
from scoring.universes.answer import EVERYTHING, Lecture

# The universe whose pages a setting can leave public.
PUBLIC_UNIVERSE = "annuaire"


class Audience(StrEnum):
    """Who a page of the front door is for."""

    EVERYONE = "everyone"
    SIGNED_IN = "signed_in"
    MANAGERS = "managers"
    ADMINISTRATORS = "administrators"


Admitted = Audience | Callable[[Reader | None], bool]
"""Whom a page or a form is for: an audience, or an application's own rule on the person at hand (a grant)."""


@dataclass(frozen=True)
class Access:
    """What a reader may see.

    Attributes:
        scope: part of every cache key, so that nothing computed for one scope is shown to another.
        restrict: predicate on the rows of a universe that this reader may see; None for all of them.
        lecture: the rights that every scan and every question goes through.
        still: raises when the reader has lost this access since; asked again by what outlives a page's run.
        note: writes in the journal that the reader took a file away; nobody is noted on a public page.
        auteur: the reader's account, as the audit journal names it; None for an anonymous reader.
    """

    scope: str
    restrict: pl.Expr | None = None
    lecture: Lecture = EVERYTHING
    still: Callable[[], None] = field(default=lambda: None, compare=False, repr=False)
    auteur: str | None = None
    note: Callable[[str], None] = field(default=lambda _file: None, compare=False, repr=False)

    def export(self, file: str, make: Callable[[], bytes]) -> Callable[[], bytes]:
        """A file made on demand: the access is asked again when the reader takes it, and the journal notes it.

        Args:
            file: its name.
            make: makes it; called once the access still holds.
        """

        def made() -> bytes:
            self.still()
            content = make()
            self.note(file)
            return content

        return made


PUBLIC = Access(scope="public")


def is_open() -> bool:
    """Whether the operator chose to show everything to everyone (``OBS_ACCES=ouvert``)."""
    return Settings.from_env().acces == "ouvert"


def reader() -> Reader | None:
    """The person signed in, by the session in the store; None for a visitor."""
    return None if is_open() else session.reader()


def may_open(universe: str) -> bool:
    """Whether the reader at hand may open the pages of a universe."""
    if is_open() or _shown_to_all(universe):
        return True
    person = reader()
    if person is not None and universe == SAS:
        return pilotes.droits_of(session.store(), person.compte) is not None
    return person is not None and person.may_open(universe)


def require(page: str, universe: str = PUBLIC_UNIVERSE) -> Access:
    """The reader's access to a page.

    Args:
        page: name of the page.
        universe: name of the universe that it shows.

    Raises:
        AccessDenied: the reader has no right to this page.
    """
    if is_open():
        return PUBLIC
    if not may_open(universe):
        raise refusal(page)
    person = reader()
    return visitor() if person is None else access_of(person, page, universe)


def visitor() -> Access:
    """What a visitor may see: what the installation shows to everyone, and nothing else."""
    return Access("visiteur", lecture=Lecture(Droits(frozenset({PUBLIC_UNIVERSE}))))


def access_of(person: Reader, page: str, universe: str) -> Access:
    """What a person signed in may see of a universe's pages."""
    if _shown_to_all(universe) and not person.may_open(universe):
        return visitor()

    # Those of the SAS come from roles, each in its territory: what is kept of a reading is told apart by them too.
    own = pilotes.droits_of(session.store(), person.compte) or Droits() if universe == SAS else person.droits
    scope = person.scope if universe != SAS else f"{person.scope}:{own.to_json()}"

    def still() -> None:
        now = session.again(person)
        if now is None:
            raise AccessDenied("Votre session est terminée.", conseil="Connectez-vous de nouveau.")
        changed = universe == SAS and pilotes.droits_of(session.store(), now.compte) != own
        if now.scope != person.scope or changed:
            raise AccessDenied("Vos droits ont changé.", conseil="Rechargez la page.")

    def note(file: str) -> None:
        actions.note(session.store(), "export", auteur=person.compte.email, objet=file, detail=page)

    opened = (PUBLIC_UNIVERSE,) if _shown_to_all(PUBLIC_UNIVERSE) else ()
    lecture = Lecture(own, opened)
    return Access(
        scope,
        lecture.restriction(universe),
        lecture,
        still,
        auteur=person.compte.email,
        note=note,
    )


def refusal(page: str) -> AccessDenied:
    """The error of a page that the reader may not open, with what to do next."""
    del page
    if reader() is None:
        return AccessDenied(
            "Cette page est réservée aux personnes inscrites.",
            conseil="Connectez-vous, ou demandez votre inscription : vous reviendrez ici.",
        )
    return AccessDenied(
        "Votre profil n’ouvre pas cette page.",
        conseil="Demandez l’accès à la personne responsable de votre compte.",
    )


def admits(audience: Admitted) -> bool:
    """Whether the reader at hand belongs to an audience."""
    if audience is Audience.EVERYONE:
        return True
    person = reader()
    if not isinstance(audience, Audience):
        return audience(person)
    return person is not None and belongs(person, audience)


def belongs(person: Reader, audience: Admitted) -> bool:
    """Whether a person signed in belongs to an audience."""
    if not isinstance(audience, Audience):
        return audience(person)
    if audience is Audience.ADMINISTRATORS:
        return person.administrator
    return audience in (Audience.EVERYONE, Audience.SIGNED_IN) or person.manager


def operates() -> bool:
    """Whether the reader at hand can run a command: an administrator, or whoever opened the suite to everyone."""
    return is_open() or admits(Audience.ADMINISTRATORS)


def remedy(said: str, command: str) -> str:
    """What is missing, and the command that brings it for whoever can run one.

    Args:
        said: what is missing, without its full stop: « Aucun mois n’est publié ».
        command: what publishes it.
    """
    return f"{said} : lancez {command}." if operates() else f"{said} pour l’instant."


def require_audience(audience: Admitted) -> None:
    """Refuse a page of the front door to those it is not for.

    Raises:
        AccessDenied: the reader is not one of them.
    """
    if not admits(audience):
        raise refusal("")


def export(file: str, make: Callable[[], bytes], audience: Admitted) -> Callable[[], bytes]:
    """A file of the front door made on demand: the reader is asked for again, and the journal notes it.

    Args:
        file: its name.
        make: makes it.
        audience: whom it is for.
    """
    person = reader()

    def made() -> bytes:
        now = None if person is None else session.again(person)
        if now is None or not belongs(now, audience):
            raise AccessDenied("Votre session est terminée.", conseil="Connectez-vous de nouveau.")
        content = make()
        actions.note(session.store(), "export", auteur=now.compte.email, objet=file)
        return content

    return made


def require_request(request: Request, page: str, universe: str = PUBLIC_UNIVERSE) -> Access:
    """The access of whoever asks a route of ours for what a page shows (tiles, exports).

    A route is reached without the page: it asks by itself, from the request's own cookies.

    Args:
        request: the request.
        page: name of the page that the route serves.
        universe: name of the universe that it shows.

    Raises:
        AccessDenied: the reader has no right to this page.
    """
    if is_open():
        return PUBLIC
    person = session.of_secret(session.cookie_of(request.cookies, secure=is_secure(request)))
    if person is not None and (person.may_open(universe) or _shown_to_all(universe)):
        return access_of(person, page, universe)
    if _shown_to_all(universe):
        return visitor()
    raise AccessDenied("Ces données sont réservées.", conseil="Connectez-vous, puis rechargez la page.")


def _shown_to_all(universe: str) -> bool:
    return universe == PUBLIC_UNIVERSE and Settings.from_env().annuaire == "public"
