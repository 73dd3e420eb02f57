"""Draws a declared form: the one function that pages call.

A refusal stands in words beside its field, and in a summary that leads to it. What somebody else kept meanwhile is
shown beside what was typed, with the choice. A double click sends once. The reader is asked for again when the form
is sent, not only when it was drawn.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from html import escape
from typing import Any, Literal
from zoneinfo import ZoneInfo

import streamlit as st

from apps.kit.access import access, session
from apps.kit.access.session import Reader
from apps.kit.forms import told, widgets
from apps.kit.forms.entry import WHOLE, Refusal, blamed, plain, read
from apps.kit.forms.filling import (
    Done,
    Drafts,
    Filling,
    Keeper,
    Submit,
    begin,
    send,
    settle,
    typed,
)
from apps.kit.forms.form import Action, Field, Form, Kind, Section, Values
from apps.kit.style import french
from apps.kit.style.errors import boundary, explain
from apps.kit.style.french import counted, typographic
from lake.errors import AccessDenied, LakeError

Preview = Callable[[Values], None]
PARIS = ZoneInfo("Europe/Paris")


def draw(
    form: Form,
    submit: Submit,
    *,
    about: object = "",
    initial: Values | None = None,
    revision: int | None = None,
    locked: str = "",
    keeper: Keeper | None = None,
    preview: Preview | None = None,
) -> None:
    """Draw a form.

    Args:
        form: the form.
        submit: called once with what was read and checked; what it returns is said at the top of
            the page. It raises ``Refused`` to refuse
            a field, ``EditConflict`` when somebody changed the same thing since ``revision``.
        about: what it is about (an account's number): tells its drafts and its widgets from those of its like.
        initial: field -> value as it is kept now; nothing for a form that makes something.
        revision: of what is edited, as ``initial`` was read; None for a form that makes something.
        locked: why it can be read only, in one sentence; empty when it can be filled.
        keeper: where what is typed is kept; the reader's drafts by default, where the form has any.
        preview: draws the effect of what is typed, above the buttons; for a form that has drafts or conditions.
    """
    key = re.sub(r"\W+", "_", f"{form.name}_{about}" if about != "" else form.name)
    reader = access.reader()
    if keeper is None and form.draft and reader is not None:
        keeper = Drafts(session.store(), reader, key)
    by = None if reader is None else reader.compte.id
    drawn = _Drawn(form, key, submit, dict(initial or {}), revision, by, locked, keeper, preview)
    if not form.live or locked:
        drawn.draw()
        return

    @st.fragment
    def live() -> None:
        with boundary():
            if drawn.left():
                st.rerun(scope="app")  # the whole page is refused, not this form alone
            drawn.require_again()
            drawn.draw()

    live()


@dataclass
class _Drawn:
    """What the parts of one drawing share; see :func:`draw`."""

    form: Form
    key: str
    submit: Submit
    initial: Values
    revision: int | None
    by: int | None
    locked: str
    keeper: Keeper | None
    preview: Preview | None
    filling: Filling = field(init=False)

    def __post_init__(self) -> None:
        self.filling = self._filling()

    # -- state ------------------------------------------------------------------------------------------

    def _filling(self) -> Filling:
        """The form as it stands in this tab; begun anew once it was sent, or when the page was left meanwhile."""
        state = f"{self.key}.formulaire"
        known = st.session_state.get(state)
        if isinstance(known, Filling) and known.done is not None:
            if not known.told:
                known.told = True
                told.tell(known.done)
        elif isinstance(known, Filling) and self._goes_on(known):
            return known
        generation = known.generation + 1 if isinstance(known, Filling) else 0
        made = begin(self.form, self.key, self.initial, self.revision, self.keeper, generation)
        st.session_state[state] = made
        return made

    def _goes_on(self, known: Filling) -> bool:
        """Whether a form begun in this tab is the one to draw: the page was not left, nothing newer was kept."""
        if not any(known.widget(one.name) in st.session_state for one in self.form.fields()):
            return False
        untouched = self.form.live and not (known.typed or known.refused or known.conflicts)
        newer = {one.name: plain(one, self.initial.get(one.name)) for one in self.form.fields()} != known.seen
        return not (untouched and newer)

    def _values(self) -> dict[str, Any]:
        """What every field holds now."""
        filling = self.filling
        return {
            one.name: plain(
                one,
                widgets.value_of(
                    one,
                    st.session_state.get(
                        filling.widget(one.name), filling.typed.get(one.name, filling.first[one.name])
                    ),
                ),
            )
            for one in self.form.fields()
        }

    # -- what the reader does ---------------------------------------------------------------------------

    def _typed(self, one: Field) -> None:
        typed(self.filling, one, st.session_state[self.filling.widget(one.name)], self.keeper)

    def _sent(self, action: Action) -> None:
        """Read, check, send; called before the page is drawn, so that it shows what came of it."""
        filling = self.filling
        if filling.done is not None:
            return  # the second click of two
        values = self._values()
        filling.attempt += 1
        filling.refused = {}
        if filling.conflicts:
            filling.refused[WHOLE] = Refusal("Choisissez d’abord entre votre saisie et celle d’en face.")
            return
        try:
            reader = self.require_again()
            entry = read(self.form, values, action)
            filling.refused = dict(entry.refused)
            if not entry.refused:
                filling.told = False
                send(filling, entry.values, action, self.submit, reader, self.keeper)
        except LakeError as error:
            name, why = blamed(self.form, error)
            filling.refused[name] = why
        except Exception as error:
            _, message, advice = explain(error)
            filling.refused[WHOLE] = Refusal(message, advice)
        if (done := self.filling.done) is not None and not filling.told:
            filling.told = True
            done.then()
            told.tell(done)

    def left(self) -> bool:
        """Whether the person whom the form was drawn for is no longer there."""
        return self.by is not None and access.reader() is None

    def require_again(self) -> Reader | None:
        """Who fills the form: whom it was drawn for, still there and still of its audience.

        Raises:
            AccessDenied: it is not.
        """
        now = access.reader()
        if self.by is not None and (now is None or now.compte.id != self.by):
            kept = " : ce que vous avez saisi est gardé." if self.keeper is not None else "."
            raise AccessDenied("Votre session est terminée.", conseil=f"Connectez-vous de nouveau{kept}")
        access.require_audience(self.form.audience)
        return now

    def _settled(self, name: str, mine: bool) -> None:
        """Choose between two values; the last choice sends the form that the conflict stopped."""
        filling = self.filling
        chosen = settle(filling, name, mine=mine, keeper=self.keeper)
        st.session_state[filling.widget(name)] = chosen
        if not filling.conflicts and filling.pending is not None:
            self._sent(filling.pending)

    def _given_up(self) -> None:
        """Forget the draft: the form begins anew from what is kept."""
        if self.keeper is not None:
            self.keeper.erase()
        self.filling.done, self.filling.told = Done(), True

    # -- what the reader sees ---------------------------------------------------------------------------

    def draw(self) -> None:
        """Draw the form where the page stands."""
        if self.filling.done is not None:
            st.rerun(scope="app")  # sent in a fragment: the rest of the page shows what it changed
        self._notes()
        self._summary()
        self._conflicts()
        form, filling = self.form, self.filling
        width: int | Literal["stretch"] = form.width or "stretch"
        if form.live or self.locked:
            with st.container(key=f"obs_formulaire_{self.key}", width=width, border=form.border):
                self._parts()
        else:
            with (
                st.container(key=f"obs_formulaire_{self.key}", width=width),
                st.form(filling.widget("formulaire"), enter_to_submit=form.enter, border=form.border),
            ):
                self._parts()

    def _parts(self) -> None:
        form, filling = self.form, self.filling
        values = self._values()
        asked = {one.name for one in form.asked(values)}
        for section in form.sections():
            if any(one.name in asked for one in section.fields):
                self._section(section, asked)
        if self.preview is not None:
            self.preview(values)
        if form.note:
            st.html(f'<p class="obs-source">{escape(typographic(form.note))}</p>')
        if self.locked:
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            for action in form.actions:
                button = st.button if form.live else st.form_submit_button
                button(
                    typographic(action.label),
                    key=filling.widget(action.name),
                    type="primary" if action.main else "secondary",
                    on_click=self._sent,
                    args=(action,),
                )
            if form.live and self.keeper is not None:
                st.html(f'<p class="obs-source" role="status">{escape(typographic(self._state()))}</p>')

    def _section(self, section: Section, asked: set[str]) -> None:
        if section.title:
            st.subheader(typographic(section.title), anchor=False)
        if section.note:
            st.html(f'<p class="obs-source">{escape(typographic(section.note))}</p>')
        # Under their labels: a note under one field does not lower its neighbour.
        with st.container(horizontal=section.beside, vertical_alignment="top"):
            for one in section.fields:
                if one.name in asked:
                    self._field(one)

    def _field(self, one: Field) -> None:
        filling = self.filling
        key = filling.widget(one.name)
        changed = (lambda: self._typed(one)) if self.form.live and not self.locked else None
        with st.container(gap=None, width=one.width or "stretch"):
            widgets.draw(one, key, filling.first[one.name], locked=bool(self.locked), changed=changed)
            if one.note:
                st.html(f'<p class="obs-source">{escape(typographic(one.note))}</p>')
            if (why := filling.refused.get(one.name)) is not None:
                st.html(
                    f'<p class="obs-refus" id="refus-{key}" data-champ="{key}">{escape(typographic(str(why)))}</p>'
                )

    def _notes(self) -> None:
        if self.locked:
            st.info(typographic(self.locked))
        elif self.filling.resumed:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.html(
                    '<p class="obs-source">Saisie reprise\u202f: vous l’aviez commencée sans l’envoyer.</p>'
                )
                st.button(
                    "Effacer cette saisie",
                    type="tertiary",
                    key=self.filling.widget("effacer"),
                    on_click=self._given_up,
                )

    def _summary(self) -> None:
        """What is refused, with a link to each field; read aloud at once."""
        filling = self.filling
        fields = [one for one in self.form.fields() if one.name in filling.refused]
        if (whole := filling.refused.get(WHOLE)) is not None:
            st.warning(f"**Rien n’est enregistré.** {french.literal(typographic(str(whole)))}")
        if not fields:
            return
        items = "".join(
            f'<li><a href="#refus-{filling.widget(one.name)}" target="_self">{escape(typographic(one.label))}</a>'
            f"\u202f: {escape(typographic(filling.refused[one.name].message))}</li>"
            for one in fields
        )
        said = counted(len(fields), "champ est à corriger", "champs sont à corriger")
        st.html(
            f'<div class="obs-refus-resume" role="alert" data-envoi="{self.key}-{filling.attempt}">'
            f"<p><strong>{said[0].upper()}{said[1:]}.</strong> Rien n’est enregistré.</p><ul>{items}</ul></div>"
        )

    def _conflicts(self) -> None:
        """What somebody else kept in a field, beside what was typed there: the reader chooses."""
        filling = self.filling
        for name, theirs in list(filling.conflicts.items()):
            one = filling.field(name)
            elsewhere = "dans un autre onglet" if theirs.revision is not None else "par quelqu’un d’autre"
            mine = _worded(one, self._values()[name])
            st.warning(
                typographic(
                    f"**{french.literal(one.label)} a changé {elsewhere}.** Enregistré : "
                    f"« {french.literal(_worded(one, theirs.value))} ». Votre saisie : « {french.literal(mine)} »."
                )
            )
            with st.container(horizontal=True):
                for label, keep in (("Garder ma saisie", True), ("Reprendre ce qui est enregistré", False)):
                    st.button(
                        label,
                        key=filling.widget(f"{name}_{'mienne' if keep else 'autre'}"),
                        on_click=self._settled,
                        args=(name, keep),
                    )

    def _state(self) -> str:
        """Where the draft stands, in words."""
        filling = self.filling
        if filling.unkept:
            return f"Brouillon non enregistré. {filling.unkept}"
        if filling.kept_at is None:
            return "Ce que vous saisissez est gardé en brouillon." if not filling.resumed else ""
        at = filling.kept_at.astimezone(PARIS)
        return f"Brouillon enregistré à {at.hour}{french.NNBSP}h{french.NNBSP}{at.minute:02d}."


def _worded(one: Field, value: Any) -> str:
    """A value as the reader says it."""
    if value is None or value in ("", []):
        return "rien"
    if one.kind is Kind.BOOLEAN:
        return "oui" if value else "non"
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return french.long_date(value)
    if one.kind in (Kind.CHOICE, Kind.RADIO):
        return one.offered().get(value, str(value))
    if one.kind is Kind.SEVERAL:
        offered = one.offered()
        return french.listing([offered.get(each, str(each)) for each in value])
    if one.kind is Kind.NUMBER:
        return french.number(value, 0 if isinstance(value, int) else 2)
    return str(value)
