"""Slots of linked agendas beside those that are typed: who is linked to which editor, and what each editor said.

Each professional says on his agenda which kinds of slots of which editor may be shown; it holds from the next search.
For an editor of which he said nothing, the operator's file does (``OBS_SAS_AGENDAS``: ``identifiant, editeur, types``),
SNP alone by default; in the demonstration, a draw: three in four are linked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from queue import Empty, SimpleQueue

import polars as pl

from apps.sas.questions import Agendas, Question, repondre
from apps.sas.signalements import montrables
from lake.agendas.agregateur import AUCUN, CRENEAUX, MUET, Agregateur, Editeur, fenetre
from lake.agendas.agregateur import Reponse as Lus
from lake.agendas.codes import TYPES, idnps
from lake.agendas.lecture import Creneau
from lake.agendas.reglages import certificats
from lake.delimited import cut
from lake.errors import LakeError
from lake.horaires.plages import BITS, bits
from lake.settings import Settings
from lake.store.engine import Store
from lake.store.sas import consentements
from lake.store.sas.consentements import Consentis
from scoring.sas.recherche import Offre, Reponse

DITS = {CRENEAUX: "créneaux", AUCUN: "aucun créneau", MUET: "n’a pas répondu"}
"""What an editor said, in words."""
MOST = 200
"""Professionals asked of each editor in one search: what seven seconds hold."""
_PACE_S = 0.3
"""What arrives within so many seconds is told at once: each telling orders the whole answer anew."""
Liens = Callable[[str], Consentis]
"""Professional -> editor's name -> kinds of slots that may be shown."""


@dataclass(frozen=True)
class Complete:
    """An answer, with what linked agendas added to it.

    Attributes:
        reponse: the answer, in its order; ``source`` says where the first slot of a row is from.
        sources: editor -> ``creneaux``, ``aucun`` or ``muet``, those that were asked.
        creneaux: what the editors gave, to lead to their booking pages.
        lus: editor -> when it was read.
    """

    reponse: Reponse
    sources: Mapping[str, str] = field(default_factory=dict)
    creneaux: Sequence[Creneau] = ()
    lus: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def muettes(self) -> tuple[str, ...]:
        """The editors that said nothing."""
        return tuple(name for name, state in self.sources.items() if state == MUET)


class _Offerte(Agendas):
    """Agendas whose offer is already made: typed ranges and slots of editors together."""

    def __init__(self, offre: Offre) -> None:
        self._faite = offre

    def offre(self, now: datetime) -> Offre:
        """The offer."""
        del now
        return self._faite


def completer(
    source: Agendas,
    question: Question,
    now: datetime,
    settings: Settings | None = None,
    *,
    premiers: Callable[[Reponse, Sequence[str]], None] | None = None,
) -> Complete:
    """The answer to a question, editors asked: typed slots first, then all of them in one order.

    The editors are asked for the professionals that the search reaches, in its order. A slot that is typed too is told
    once; absences and the switch of unavailability hold for both. ``premiers`` is told the typed slots before the
    editors are waited for, then the answer as it stands each time one gives some, with the names of those that did.
    """
    said = settings or Settings.from_env()
    typed = repondre(source, question, now)
    editors = {name: _editeur(name, base) for name, base in said.sas_editeurs}
    if not editors:
        return Complete(typed)
    reached = (
        typed.resultats.filter(pl.col("genre") == "ps").get_column("identifiant").unique(maintain_order=True)
    )
    links = liens(said, source.store)
    wanted: dict[str, dict[str, frozenset[str] | None]] = {name: {} for name in editors}
    for who in reached.to_list():
        for name, kinds in links(who).items():
            if kinds and name in wanted and len(wanted[name]) < MOST:
                wanted[name][who] = kinds
    asked = [(editors[name], consents) for name, consents in wanted.items() if consents]
    if not asked:
        return Complete(typed)
    offer = source.offre(now)

    def answer(slots: Sequence[Creneau]) -> Reponse:
        ranges = pl.concat([offer.ranges, ranges_of(slots, offer)])
        return repondre(_Offerte(replace(offer, ranges=ranges)), question, now)

    def come(slots: Sequence[Creneau]) -> None:
        if premiers is not None:
            kept = montrables(slots, now)
            premiers(answer(kept), tuple(dict.fromkeys(one.editeur for one in kept)))

    if premiers is not None:
        premiers(typed, ())
    read = _lus(_agregateur(said), asked, now, come)
    read = replace(read, creneaux=montrables(read.creneaux, now))
    told = _with_sources(answer(read.creneaux), read)
    return Complete(told, dict(read.editeurs), tuple(read.creneaux), dict(read.lus))


def liens(settings: Settings, store: Store) -> Liens:
    """Who is linked to what, as it stands now: each one's own choices, over the operator's file.

    Raises:
        LakeError: the file cannot be read, or a line of it.
    """
    chosen, filed, names = (
        consentements.tous(store),
        _filed(settings),
        [name for name, _ in settings.sas_editeurs],
    )

    def of(who: str) -> Consentis:
        default = filed.get(who, {}) if filed is not None else drawn(who, names)
        return {**default, **chosen.get(who, {})}

    return of


def interroger(settings: Settings, identifiant: str, kinds: Consentis, now: datetime) -> Lus:
    """Ask the editors of one professional for her slots, now: nothing that was read before is used again."""
    editors = [(_editeur(name, base), kinds[name]) for name, base in settings.sas_editeurs if kinds.get(name)]
    client = _agregateur(settings)
    for one, _ in editors:
        client.oublier(one.nom)
    return client.chercher([(one, {identifiant: some}) for one, some in editors], *fenetre(now))


def oublier(settings: Settings, editeur: str) -> None:
    """Forget at once what was read of an editor: somebody withdrew a consent."""
    _agregateur(settings).oublier(editeur)


def _filed(settings: Settings) -> Mapping[str, Consentis] | None:
    """The operator's file; None in a demonstration without one."""
    if not settings.sas_agendas:
        return None if settings.demo else {}
    path = Path(settings.sas_agendas)
    try:
        return _read(str(path), path.stat().st_mtime_ns)
    except OSError as error:
        raise LakeError(
            f"OBS_SAS_AGENDAS : {path.name} ne se lit pas.",
            conseil="Vérifiez le chemin et les droits du fichier.",
        ) from error


def drawn(identifiant: str, names: Sequence[str]) -> Consentis:
    """The demonstration's link: three professionals in four have an agenda elsewhere."""
    rank = blake2b(identifiant.encode(), digest_size=1).digest()[0] % (len(names) + 1)
    return {} if rank == len(names) else {names[rank]: frozenset({"SNP"})}


def ranges_of(slots: Sequence[Creneau], offer: Offre) -> pl.DataFrame:
    """The slots of editors as ranges of one slot, at their holder's first open place; those typed already left out.

    A slot that two editors give of one person is one slot.
    """
    open_ = offer.effecteurs.filter(~pl.col("indisponible"))
    places = open_.unique("identifiant", keep="first", maintain_order=True)
    first: dict[tuple[str, datetime], str] = {}
    rows = [
        {
            "serie": -rank,
            "identifiant": one.identifiant,
            "genre": "snp",
            "debut": one.debut,
            "fin": one.fin,
            "duree_min": max(1, round((one.fin - one.debut).total_seconds() / 60)),
            "modalites": bits(list(one.modalites)) or BITS["AMB"],
        }
        for rank, one in enumerate(slots, start=1)
        if first.setdefault((one.identifiant, one.debut), one.editeur) == one.editeur
    ]
    schema = offer.ranges.schema
    if not rows:
        return offer.ranges.clear()
    found = (
        pl.DataFrame(rows)
        .with_columns(pl.col("debut", "fin").dt.convert_time_zone("UTC").cast(schema["debut"]))
        .join(places.select("identifiant", "lieu", "fuseau"), on="identifiant")
        .with_columns(date_locale=pl.col("debut").dt.date(), capacite=pl.lit(None, pl.Int64))
    )
    typed = offer.ranges.filter(pl.col("genre") == "snp").select("identifiant", _debut="debut", _fin="fin")
    twice = (
        found.join(typed, on="identifiant")
        .filter(pl.col("_debut") < pl.col("fin"), pl.col("_fin") > pl.col("debut"))
        .select("serie")
    )
    return found.join(twice, on="serie", how="anti").select(offer.ranges.columns).cast(dict(schema))  # type: ignore[arg-type]


# -- inside ------------------------------------------------------------------------------------------


def _lus(
    client: Agregateur,
    asked: Sequence[tuple[Editeur, Mapping[str, frozenset[str] | None]]],
    now: datetime,
    come: Callable[[Sequence[Creneau]], None],
) -> Lus:
    """What the editors said; ``come`` is told the slots so far as they arrive, in the caller's thread."""
    read: SimpleQueue[Sequence[Creneau] | None] = SimpleQueue()
    sofar: list[Creneau] = []
    with ThreadPoolExecutor(1, thread_name_prefix="agendas") as pool:
        whole = pool.submit(
            client.chercher, asked, *fenetre(now), en_route=lambda _name, batch: read.put(batch.creneaux)
        )
        whole.add_done_callback(lambda _whole: read.put(None))
        last, untold = float("-inf"), False
        while True:
            try:
                slots = read.get(timeout=max(0.0, last + _PACE_S - time.monotonic()) if untold else None)
            except Empty:
                slots = ()
            if slots is None:  # the last is told with the whole
                break
            sofar += slots
            untold = untold or bool(slots)
            if untold and time.monotonic() - last >= _PACE_S and not whole.done():
                come(tuple(sofar))
                last, untold = time.monotonic(), False
        return whole.result()


def _with_sources(found: Reponse, read: Lus) -> Reponse:
    """Each row told from where its first slot is."""
    first = (
        found.slots.sort("utile")
        .group_by("identifiant", "lieu", maintain_order=True)
        .agg(_serie=pl.col("serie").first())
    )
    of = {-rank: one.editeur for rank, one in enumerate(read.creneaux, start=1)}
    named = found.resultats.join(
        first, on=["identifiant", "lieu"], how="left", maintain_order="left"
    ).with_columns(
        source=pl.when(pl.col("_serie") < 0)
        .then(pl.col("_serie").replace_strict(of, default=None, return_dtype=pl.String))
        .otherwise(pl.col("source"))
    )
    return replace(found, resultats=named.drop("_serie"))


@lru_cache(maxsize=4)
def _read(path: str, _changed: int) -> Mapping[str, Consentis]:
    rows = cut(Path(path).read_bytes(), Path(path).name).named()
    missing = [name for name in ("identifiant", "editeur") if name not in rows.columns]
    if missing:
        raise LakeError(f"OBS_SAS_AGENDAS : colonne(s) absente(s) : {', '.join(missing)}.")
    found: dict[str, dict[str, frozenset[str]]] = {}
    for row in rows.iter_rows(named=True):
        who = idnps(row["identifiant"] or "")
        kinds = frozenset((row.get("types") or "SNP").upper().split("|"))
        if who is None or not kinds <= set(TYPES):
            raise LakeError(f"OBS_SAS_AGENDAS, ligne {row['ligne']} : RPPS ou type de créneau inconnu.")
        found.setdefault(who, {})[str(row["editeur"]).strip()] = kinds
    return found


def _editeur(name: str, base: str) -> Editeur:
    """An editor, at the pace that this process may take: several share what it bears."""
    known = Editeur(name, base)
    return replace(known, rythme=known.rythme / max(1, len(Settings.from_env().processus)))


_CLIENTS: dict[tuple[str, str, str], Agregateur] = {}


def _agregateur(settings: Settings) -> Agregateur:
    """The one client of this process: pace, failures and what was read are shared by every search."""
    key = (settings.sas_certificat, settings.sas_cle, settings.sas_autorite)
    return _CLIENTS.setdefault(key, Agregateur(certificats(settings)))
