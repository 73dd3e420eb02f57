"""Work too long for a rerun: done by a thread, followed by a fragment, its result offered when it is ready."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from zoneinfo import ZoneInfo

import streamlit as st

from apps.kit.access.access import Access
from apps.kit.data.kept import Kept
from apps.kit.data.view import View
from apps.kit.style.errors import boundary, show
from apps.kit.style.french import typographic
from lake.catalog import all_tables

Say = Callable[[str, float], None]
EVERY_S = 0.5
_files: Kept[bytes] = Kept(8, 64 * 2**20, len)
"""The last files made, for whoever asks the same (see :func:`same_file`)."""
PARIS = ZoneInfo("Europe/Paris")


@dataclass
class Job:
    """One piece of work under way.

    Attributes:
        future: its result to come.
        sentence: what is being done.
        share: share done, from 0 to 1.
    """

    future: Future[bytes] | None = None
    sentence: str = ""
    share: float = 0.0

    def say(self, sentence: str, share: float) -> None:
        """Note progress; called by the thread."""
        self.sentence, self.share = sentence, min(max(share, 0.0), 1.0)


@dataclass
class Pool:
    """The threads of the process: one, so that reports never starve pages."""

    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=1))

    def start(self, work: Callable[[Say], bytes]) -> Job:
        """Begin a piece of work."""
        job = Job(sentence="En attente")
        job.future = self.threads.submit(work, job.say)
        return job


def same_file(view: View, *asked: Hashable, today: date | None = None) -> str:
    """What a file made from a view is kept by, for every reader of the same rights.

    The rights, the version of every table of the lake, what was selected and the day printed at its foot: a
    publication of any source, other rights, another day give another file.

    Args:
        view: what the reader selected.
        asked: what else changes the file.
        today: the day; that of Paris by default.
    """
    day = today or datetime.now(PARIS).date()
    return repr((view.data.key(*all_tables().values()), view.universe.name, view.state, day, asked))


def _once(kept: str, work: Callable[[Say], bytes], say: Say) -> bytes:
    held = _files.get(kept) if kept else None
    if held is None:
        held = work(say)
        if kept:
            _files.put(kept, held)
    return held


@st.cache_resource(show_spinner=False)
def pool() -> Pool:
    """The pool of this process."""
    return Pool()


def file_maker(
    name: str,
    label: str,
    file: str,
    work: Callable[[Say], bytes],
    key: str,
    access: Access,
    *,
    mime: str = "application/pdf",
    kept: str = "",
) -> None:
    """A button that makes a file on demand, then offers it.

    Args:
        name: name of the widget, unique on the page.
        label: text of the button.
        file: name of the file.
        work: makes the file, saying its progress; runs in a thread, so it may not use the session.
        key: what the file depends on (filters, versions): a file made for another key is not offered.
        access: what the reader may see; asked again at every step, and noted when the file is taken.
        mime: kind of the file.
        kept: what :func:`same_file` says of it: asked again, by anyone of the same rights, it is not made a second
            time; empty to make it each time.
    """
    jobs: dict[str, tuple[str, Job]] = st.session_state.setdefault("kit.travaux", {})
    known = jobs.get(name)
    job = known[1] if known is not None and known[0] == key else None

    def begin() -> None:
        jobs[name] = (key, pool().start(partial(_once, kept, work)))

    waiting = job is not None and job.future is not None and not job.future.done()

    def step() -> None:
        if jobs.get(name) is not known:
            st.rerun()  # the button ran this fragment alone, which still knows the work of before
        if job is None or job.future is None:
            st.button(label, key=f"{name}_composer", type="primary", on_click=begin)
            return
        if not job.future.done():
            st.progress(job.share, text=typographic(f"{job.sentence}…"))
            return
        if waiting:
            st.rerun()
        error = job.future.exception()
        if error is not None:
            show(error)
            st.button("Réessayer", key=f"{name}_reessayer", on_click=begin)
            return
        st.download_button(
            typographic(f"Télécharger {file}"),
            data=access.export(file, job.future.result),
            file_name=file,
            mime=mime,
            key=f"{name}_fichier",
            type="primary",
            on_click="ignore",
        )

    @st.fragment(run_every=EVERY_S if waiting else None)
    def follow() -> None:
        with boundary():
            access.still()
            step()

    follow()
