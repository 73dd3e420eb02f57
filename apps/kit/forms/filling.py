"""One form being filled by one reader in one tab: what it saw, what it typed, what was refused, what others kept.

It lives in the tab's session as one object, which callbacks change by plain attributes: Streamlit may stop a run at
any access to its own state, never between a save in the store and the note that it was done.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from apps.kit.access.session import Reader
from apps.kit.forms.entry import Refusal, merge, plain, unwritten, written
from apps.kit.forms.form import UNKEPT, Action, Field, Form, Values
from lake.errors import AccessDenied, EditConflict, LakeError
from lake.store import drafts
from lake.store.accounts import sessions
from lake.store.drafts import Kept
from lake.store.engine import Store


class Keeper(Protocol):
    """Where what is typed is kept, field by field. :class:`Drafts` by default; an application may keep its own."""

    def load(self) -> Mapping[str, Kept]:
        """What was typed and not sent, by field."""

    def save(self, name: str, value: Any, *, seen: Any, revision: int) -> int:
        """Keep one field; returns its revision.

        Raises:
            EditConflict: it was typed elsewhere since this revision.
            LakeError: it cannot be kept.
        """

    def erase(self) -> None:
        """Forget everything: the form was sent, or given up."""


@dataclass(frozen=True)
class Drafts:
    """The drafts of a reader in the store.

    Attributes:
        store: where.
        reader: whose.
        form: name of the form, with what it is about.
    """

    store: Store
    reader: Reader
    form: str

    def load(self) -> Mapping[str, Kept]:
        """What was typed and not sent, by field."""
        return drafts.load(self.store, self.reader.compte.id, self.form)

    def save(self, name: str, value: Any, *, seen: Any, revision: int) -> int:
        """Keep one field; returns its revision.

        A session that time has just ended opens nothing any more, but what was being typed under it is kept.

        Raises:
            EditConflict: it was typed in another tab since.
            AccessDenied: the session was closed, or the account disabled.
        """
        if not sessions.may_still_type(self.store, self.reader.secret):
            raise AccessDenied("Votre session est terminée.", conseil="Connectez-vous de nouveau.")
        number = self.reader.compte.id
        return drafts.save(self.store, number, self.form, name, value, seen=seen, revision=revision)

    def erase(self) -> None:
        """Forget everything."""
        drafts.erase(self.store, self.reader.compte.id, self.form)


@dataclass(frozen=True)
class Done:
    """What came of a form that was sent.

    Attributes:
        said: what was done, in French sentences.
        warned: what could not be.
        shown: texts shown once, to be copied and handed over (a link that no server could send).
        then: done at once in the reader's tab: leave for another page, open a card.
    """

    said: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    shown: tuple[str, ...] = field(default=(), repr=False)
    then: Callable[[], None] = field(default=lambda: None, compare=False, repr=False)


@dataclass(frozen=True)
class Submission:
    """A form as it is sent: checked, its reader asked for again.

    Attributes:
        values: field -> value as the store keeps it, of the fields that were asked.
        changed: those that differ from what the reader saw; all of them for a form that edits nothing.
        action: name of the button.
        reader: who sends it, as it is now; None for a visitor.
        revision: of what is edited, as it was read; None for a form that edits nothing.
        key: the same for two clicks on one form, never for two forms.
    """

    values: Values
    changed: Values
    action: str
    reader: Reader | None
    revision: int | None
    key: str

    @property
    def person(self) -> Reader:
        """Who sends it.

        Raises:
            AccessDenied: nobody is signed in any more.
        """
        if self.reader is None:
            raise AccessDenied("Votre session est terminée.", conseil="Connectez-vous de nouveau.")
        return self.reader


Submit = Callable[[Submission], Done | str | None]


@dataclass(frozen=True)
class Theirs:
    """What somebody else kept in a field that the reader changed too.

    Attributes:
        value: what is kept now.
        revision: of the field in another tab's draft; None when it was saved for good.
    """

    value: Any
    revision: int | None = None


@dataclass
class Filling:
    """The state of a form being filled.

    Attributes:
        form: the form.
        key: its name with what it is about; begins the key of every widget.
        generation: how many times it was begun in this tab.
        seen: field -> value as it was kept when the reader began.
        revision: of what is edited; None for a form that edits nothing.
        first: field -> what its widget showed first.
        typed: field -> last value known to be typed.
        revisions: field -> revision of its draft.
        refused: field -> why.
        conflicts: field -> what somebody else kept there.
        attempt: how many times it was sent; tells a refusal from the one before.
        resumed: whether a draft was found.
        kept_at: when the last field was kept (UTC).
        unkept: why the last field could not be kept; empty when it was.
        pending: the button pressed when a conflict stopped it.
        done: what came of it, once it was sent.
        token: the same for two clicks.
    """

    form: Form
    key: str
    generation: int = 0
    seen: dict[str, Any] = field(default_factory=dict)
    revision: int | None = None
    first: dict[str, Any] = field(default_factory=dict)
    typed: dict[str, Any] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    refused: dict[str, Refusal] = field(default_factory=dict)
    conflicts: dict[str, Theirs] = field(default_factory=dict)
    attempt: int = 0
    resumed: bool = False
    kept_at: datetime | None = None
    unkept: str = ""
    pending: Action | None = None
    done: Done | None = None
    told: bool = True
    token: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    def widget(self, name: str) -> str:
        """Key of the widget of a field or of an action."""
        return f"{self.key}_{name}" + (f"_{self.generation}" if self.generation else "")

    def field(self, name: str) -> Field:
        """A field by name."""
        return next(one for one in self.form.fields() if one.name == name)


def begin(
    form: Form, key: str, initial: Values, revision: int | None, keeper: Keeper | None, generation: int = 0
) -> Filling:
    """Begin to fill a form: what is kept, or what the reader had begun to type over it.

    Where somebody changed, since, what the reader had begun to change, both are shown.
    """
    filling = Filling(form, key, generation, revision=revision)
    kept = keeper.load() if keeper is not None else {}
    for one in form.fields():
        now = filling.seen[one.name] = filling.first[one.name] = plain(one, initial.get(one.name))
        draft = kept.get(one.name)
        if draft is None or one.kind in UNKEPT:
            continue
        mine, seen = unwritten(one, draft.value), unwritten(one, draft.seen)
        filling.revisions[one.name] = draft.revision
        if mine == now:
            continue
        filling.first[one.name] = filling.typed[one.name] = mine
        filling.resumed = True
        if seen != now and mine is not None:
            filling.conflicts[one.name] = Theirs(now)
    return filling


def typed(filling: Filling, one: Field, value: Any, keeper: Keeper | None) -> None:
    """Take in what was typed in a field, and keep it.

    A browser may tell a field that nobody touched: only a value that differs from the last one known is kept.
    """
    value = plain(one, value)
    if filling.done is not None or value == filling.typed.get(one.name, filling.first[one.name]):
        return
    filling.typed[one.name] = value
    filling.refused.pop(one.name, None)
    if keeper is not None and one.kind not in UNKEPT:
        _keep(filling, one, value, keeper, filling.revisions.get(one.name, 0))


def _keep(filling: Filling, one: Field, value: Any, keeper: Keeper, revision: int) -> None:
    seen = written(one, filling.seen[one.name])
    try:
        kept = keeper.save(one.name, written(one, value), seen=seen, revision=revision)
    except EditConflict as conflict:
        theirs = unwritten(one, conflict.theirs.get(one.name))
        if theirs == value:
            filling.revisions[one.name] = conflict.revision
        else:
            filling.conflicts[one.name] = Theirs(theirs, conflict.revision)
    except LakeError as error:
        filling.unkept = str(error)
    else:
        filling.revisions[one.name] = kept
        filling.kept_at, filling.unkept = datetime.now(UTC), ""


def settle(filling: Filling, name: str, *, mine: bool, keeper: Keeper | None) -> Any:
    """Choose between two values of a field; returns the one chosen."""
    theirs, one = filling.conflicts.pop(name), filling.field(name)
    chosen = filling.typed.get(name, filling.first[name]) if mine else theirs.value
    if theirs.revision is None:  # saved for good: from now on it is what the reader saw
        filling.seen[name] = theirs.value
    else:
        filling.revisions[name] = theirs.revision
    filling.typed[name] = chosen
    if keeper is not None and one.kind not in UNKEPT:
        _keep(filling, one, chosen, keeper, filling.revisions.get(name, 0))
    return chosen


def send(
    filling: Filling,
    values: Values,
    action: Action,
    submit: Submit,
    reader: Reader | None,
    keeper: Keeper | None,
) -> None:
    """Send what was read, once: what comes of it is in the filling.

    Where somebody changed other fields meanwhile, theirs stay and the reader's are sent; where both changed one
    field, nothing is sent and both values are shown.

    Raises:
        LakeError: the store refuses it and blames no field of the form.
    """
    filling.pending = action
    for _ in range(3):
        changed = {
            name: value
            for name, value in values.items()
            if filling.revision is None or value != filling.seen.get(name)
        }
        if filling.revision is not None and not changed and action.checked:
            filling.done = Done(("Rien n’a changé.",))
            return
        filling.done = Done()  # from here on another click sends nothing
        try:
            given = Submission(values, changed, action.name, reader, filling.revision, filling.token)
            said = submit(given)
        except EditConflict as conflict:
            filling.done = None
            compared = merge(filling.seen, changed, conflict.theirs)
            filling.revision = conflict.revision
            filling.conflicts = {name: Theirs(value) for name, value in compared.conflicts.items()}
            if filling.conflicts:
                return
            filling.seen.update(conflict.theirs)
        except BaseException as error:
            if isinstance(error, Exception):
                filling.done = None
            raise
        else:
            filling.done = said if isinstance(said, Done) else Done((said,) if said else ())
            if keeper is not None:
                keeper.erase()
            return
    raise LakeError("Cette fiche change sans cesse.", conseil="Rechargez la page, puis recommencez.")
