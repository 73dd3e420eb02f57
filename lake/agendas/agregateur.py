"""Asks the editors of agendas for free slots, all of them within one deadline, and says of each holder what is known.

``creneaux`` at least one slot read; ``aucun`` the editor answered, and has none; ``muet`` nothing is known (failure,
too late, not asked in time, slots that could not be read); ``non_relie`` no agenda is linked. A silent editor is never
said to have none: an empty answer is an answer, a failure is not.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import httpx

from lake.agendas.codes import DELAI_S, IDNPS, IDNST, RPPS_PAR_REQUETE, SIRET_PAR_REQUETE
from lake.agendas.lecture import Creneau, Demande, Lecture, lire
from lake.agendas.rythme import Disjoncteur, Seau
from lake.agendas.transport import PAGES, Certificats, Panne, adresse_de_base, bundle, suivante

CRENEAUX, AUCUN, MUET, NON_RELIE = "creneaux", "aucun", "muet", "non_relie"
PARIS = ZoneInfo("Europe/Paris")
GARDE_S = 60.0
GARDES = 500
SIMULTANEES = 4
Consentis = Mapping[str, frozenset[str] | None]
_T = TypeVar("_T")


@dataclass(frozen=True)
class Editeur:
    """An editor of agendas.

    Attributes:
        nom: its name.
        base: base address of its FHIR server.
        rythme: requests a second that it bears.
        hotes: hosts of its booking pages; any when empty.
        structures: it answers for structures (SOS Médecins), by SIRET, instead of practitioners.
        jeton: bearer token that it asks for; none when empty.
    """

    nom: str
    base: str
    rythme: float = 1.0
    hotes: frozenset[str] = frozenset()
    structures: bool = False
    jeton: str = field(default="", repr=False)


@dataclass
class Reponse:
    """What is known when the deadline comes.

    Attributes:
        statuts: identifier -> ``creneaux``, ``aucun``, ``muet`` or ``non_relie``.
        creneaux: the slots, in the order in which their holders were asked, then by beginning.
        rejets: reason -> rows refused.
        pannes: reason -> requests that failed.
        editeurs: editor -> ``creneaux``, ``aucun`` or ``muet``.
        lus: editor -> when its last answer was read.
        attendus: identifier -> the editors that have not said all of it: one at two editors has none when both say so.
        requetes: requests sent.
        duree_ms: milliseconds taken.
    """

    statuts: dict[str, str] = field(default_factory=dict)
    creneaux: list[Creneau] = field(default_factory=list)
    rejets: Counter[str] = field(default_factory=Counter)
    pannes: Counter[str] = field(default_factory=Counter)
    editeurs: dict[str, str] = field(default_factory=dict)
    lus: dict[str, datetime] = field(default_factory=dict)
    attendus: dict[str, set[str]] = field(default_factory=dict)
    requetes: int = 0
    duree_ms: int = 0


def fenetre(maintenant: datetime) -> tuple[datetime, datetime]:
    """What is asked of editors: from now to the end of the day after tomorrow, 72 hours at most."""
    ici = maintenant.astimezone(PARIS)
    soir = (ici + timedelta(days=2)).replace(hour=23, minute=59, second=59, microsecond=0)
    # 72 hours that have passed: computed on the clock of the world, a change of hour does not move them.
    return ici, min(soir, (maintenant + timedelta(hours=72)).astimezone(PARIS))


class Agregateur:
    """The one client of a server's process: rates, failures and what was read are shared by its searches.

    Args:
        certificats: mutual TLS.
        delai: seconds for a whole search.
        origine: mark set on booking addresses (``origin``).
        horloge: a monotonic clock, in seconds.
    """

    def __init__(
        self,
        certificats: Certificats | None = None,
        *,
        delai: float = DELAI_S,
        origine: str = "sas",
        horloge: Callable[[], float] = time.monotonic,
    ) -> None:
        self._certificats, self._delai = certificats or Certificats(), delai
        self._contexte: ssl.SSLContext | None = None
        self._origine, self._horloge = origine, horloge
        self._seaux: dict[tuple[str, float], Seau] = {}
        self._disjoncteurs: dict[str, Disjoncteur] = {}
        self._gardes: OrderedDict[tuple[object, ...], tuple[float, Lecture]] = OrderedDict()
        self._verrou = threading.Lock()

    def chercher(
        self,
        demandes: Sequence[tuple[Editeur, Consentis]],
        du: datetime,
        au: datetime,
        *,
        en_route: Callable[[str, Lecture], None] | None = None,
    ) -> Reponse:
        """Ask every editor for the slots of its holders.

        Args:
            demandes: (editor, identifier -> kinds of slots that the holder lets be shown, None for all), holders in
                the order in which they matter: the first are asked first.
            du: first instant, with an offset.
            au: last beginning, with an offset.
            en_route: told of each batch as it is read (editor's name, what was read), from another thread.
        """
        return apart(self._chercher(demandes, du, au, en_route))

    def oublier(self, editeur: str | None = None) -> None:
        """Forget what was read of an editor (all without name): a consent was withdrawn, an address changed."""
        with self._verrou:
            for cle in [cle for cle in self._gardes if editeur is None or cle[0] == editeur]:
                del self._gardes[cle]

    # -- inside --------------------------------------------------------------------------------------

    async def _chercher(
        self,
        demandes: Sequence[tuple[Editeur, Consentis]],
        du: datetime,
        au: datetime,
        en_route: Callable[[str, Lecture], None] | None,
    ) -> Reponse:
        debut = self._horloge()
        reponse = Reponse()
        async with httpx.AsyncClient(
            verify=self._tls(),
            timeout=httpx.Timeout(self._delai),
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_connections=None),  # each editor has its own, SIMULTANEES
        ) as client:
            taches: dict[asyncio.Task[None], Editeur] = {}
            for editeur, consentis in demandes:
                for identifiant in consentis:
                    reponse.statuts[identifiant] = MUET
                    reponse.attendus.setdefault(identifiant, set()).add(editeur.nom)
                reponse.editeurs[editeur.nom] = MUET
                lots = deque(_lots(consentis, SIRET_PAR_REQUETE if editeur.structures else RPPS_PAR_REQUETE))
                for _ in range(min(SIMULTANEES, len(lots))):
                    travail = _Travail(editeur, du, au, debut + self._delai, reponse, en_route)
                    taches[asyncio.ensure_future(self._vider(client, travail, lots))] = editeur
            try:
                if taches:
                    _, restantes = await asyncio.wait(taches, timeout=self._delai)
                    reponse.pannes += Counter({"delai": len(restantes)})
                    for lent in {taches[tache].base: taches[tache] for tache in restantes}.values():
                        self._disjoncteur(lent).rate(self._horloge())
            finally:
                for tache in taches:
                    tache.cancel()
                await asyncio.gather(*taches, return_exceptions=True)
        rang = {identifiant: n for n, identifiant in enumerate(reponse.statuts)}
        reponse.creneaux.sort(key=lambda c: (rang[c.identifiant], c.debut, c.fin, c.lieu))
        reponse.duree_ms = round(1000 * (self._horloge() - debut))
        return reponse

    async def _vider(self, client: httpx.AsyncClient, travail: _Travail, lots: deque[dict[str, Any]]) -> None:
        while lots:
            lot = lots.popleft()
            try:
                lu, entier = await self._lot(client, travail, lot)
            except Panne as panne:
                travail.reponse.pannes[panne.raison] += 1
                continue
            travail.noter(lot, lu, entier=entier)

    async def _lot(
        self, client: httpx.AsyncClient, travail: _Travail, lot: dict[str, Any]
    ) -> tuple[Lecture, bool]:
        """What one batch gave, and whether all of it was read."""
        editeur = travail.editeur
        minute = travail.du.replace(second=0, microsecond=0)
        cle = (
            editeur.nom,
            editeur.base,
            tuple(sorted(lot.items(), key=lambda un: un[0])),
            minute,
            travail.au,
        )
        if (garde := self._garde(cle)) is not None:
            return _depuis(garde, travail.du), True
        disjoncteur = self._disjoncteur(editeur)
        if disjoncteur.ouvert(self._horloge()):
            raise Panne("disjoncteur")
        demande = Demande(lot, travail.du, travail.au, self._origine, editeur.hotes)
        documents: list[dict[str, Any]] = []
        try:
            await self._pages(client, travail, lot, documents)
        except Panne as panne:
            if panne.raison != "rythme":  # our own restraint says nothing of the editor
                disjoncteur.rate(self._horloge())
            if not documents:
                raise
            travail.reponse.pannes[panne.raison] += 1
            return lire(documents, demande), False
        disjoncteur.reussi()
        lu = lire(documents, demande)
        self._garder(cle, lu)
        return lu, True

    async def _pages(
        self,
        client: httpx.AsyncClient,
        travail: _Travail,
        lot: dict[str, Any],
        documents: list[dict[str, Any]],
    ) -> None:
        editeur = travail.editeur
        base = adresse_de_base(editeur.base)
        adresse, params = requete(editeur, list(lot), travail.du, travail.au)
        vues: set[str] = set()
        suite: list[tuple[str, str]] | None = params
        while True:
            documents.append(await self._demander(client, travail, adresse, suite))
            prochaine = suivante(documents[-1], base)
            if prochaine is None:
                return
            if prochaine in vues or len(documents) >= PAGES:
                raise Panne("pages_sans_fin")
            vues.add(prochaine)
            adresse, suite = prochaine, None

    async def _demander(
        self,
        client: httpx.AsyncClient,
        travail: _Travail,
        adresse: str,
        params: list[tuple[str, str]] | None,
    ) -> dict[str, Any]:
        seau = self._seau(travail.editeur)
        for essai in (1, 2):
            attente = seau.prendre(self._horloge(), travail.limite)
            if attente is None:
                raise Panne("rythme")
            if attente > 0:
                await asyncio.sleep(attente)
            travail.reponse.requetes += 1
            try:
                return await bundle(client, adresse, params, travail.editeur.jeton)
            except Panne as panne:
                if panne.attendre is None or essai == 2:
                    raise
                seau.patienter(self._horloge() + panne.attendre)
        raise AssertionError("two tries end by an answer or a failure")

    def _tls(self) -> ssl.SSLContext:
        if self._contexte is None:  # some 30 ms to make: once
            self._contexte = self._certificats.contexte()
        return self._contexte

    def _seau(self, editeur: Editeur) -> Seau:
        with self._verrou:
            return self._seaux.setdefault((editeur.base, editeur.rythme), Seau(editeur.rythme, SIMULTANEES))

    def _disjoncteur(self, editeur: Editeur) -> Disjoncteur:
        with self._verrou:
            return self._disjoncteurs.setdefault(editeur.base, Disjoncteur())

    def _garde(self, cle: tuple[object, ...]) -> Lecture | None:
        with self._verrou:
            moment, lu = self._gardes.get(cle, (float("-inf"), Lecture()))
            return lu if self._horloge() - moment < GARDE_S else None

    def _garder(self, cle: tuple[object, ...], lu: Lecture) -> None:
        with self._verrou:
            self._gardes[cle] = (self._horloge(), lu)
            self._gardes.move_to_end(cle)
            while len(self._gardes) > GARDES:
                self._gardes.popitem(last=False)


@dataclass
class _Travail:
    """What is asked of one editor, and where what it says is noted."""

    editeur: Editeur
    du: datetime
    au: datetime
    limite: float
    reponse: Reponse
    en_route: Callable[[str, Lecture], None] | None

    def noter(self, lot: Iterable[str], lu: Lecture, *, entier: bool) -> None:
        """Say of each holder of a batch what is known now."""
        nom, statuts = self.editeur.nom, self.reponse.statuts
        avec = {creneau.identifiant for creneau in lu.creneaux}
        for identifiant in lot:
            attendus = self.reponse.attendus[identifiant]
            if entier and identifiant not in lu.troubles:
                attendus.discard(nom)
            if identifiant in avec:
                statuts[identifiant] = CRENEAUX
            elif not attendus and statuts[identifiant] != CRENEAUX:
                statuts[identifiant] = AUCUN
        lu = replace(lu, creneaux=[replace(un, editeur=nom) for un in lu.creneaux])
        self.reponse.creneaux.extend(lu.creneaux)
        self.reponse.rejets.update(lu.rejets)
        if avec:
            self.reponse.editeurs[nom] = CRENEAUX
        elif entier and not lu.troubles and self.reponse.editeurs[nom] == MUET:
            self.reponse.editeurs[nom] = AUCUN
        self.reponse.lus[nom] = datetime.now(PARIS)
        if self.en_route is not None:
            self.en_route(nom, lu)


def requete(
    editeur: Editeur, identifiants: Sequence[str], du: datetime, au: datetime
) -> tuple[str, list[tuple[str, str]]]:
    """The address and the parameters of a search.

    Instants carry their own true offset: a server that reads them as a wall clock answers one or two hours off, and its
    slots before the window are refused and counted.
    """
    base = adresse_de_base(editeur.base)
    debut, fin = (f"{instant.astimezone(PARIS).isoformat(timespec='milliseconds')}" for instant in (du, au))
    if editeur.structures:
        qui = ",".join(f"{IDNST}|{un}" for un in identifiants)
        return f"{base}/Schedule", [
            ("_revinclude", "Slot:schedule"),
            ("_include", "Schedule:actor:Location"),
            ("_include:iterate", "Location:organization"),
            ("_has:Slot:schedule:start", f"ge{debut}"),
            ("_has:Slot:schedule:start", f"le{fin}"),
            ("_has:Slot:schedule:status", "free"),
            ("actor:Location.organization.identifier", qui),
            ("_count", "1000"),
        ]
    return f"{base}/Slot", [
        ("start", f"ge{debut}"),
        ("start", f"le{fin}"),
        ("schedule.actor:Practitioner.identifier", ",".join(f"{IDNPS}|{un}" for un in identifiants)),
        ("status", "free"),
        ("_include", "Slot:schedule"),
        ("_include:iterate", "Schedule:actor"),
        ("_count", "1000"),
    ]


def _lots(consentis: Consentis, taille: int) -> list[dict[str, Any]]:
    """Batches, in order; none loses a holder or asks one twice."""
    tous = list(consentis.items())
    return [dict(tous[debut : debut + taille]) for debut in range(0, len(tous), taille)]


def _depuis(lu: Lecture, du: datetime) -> Lecture:
    """What was read up to a minute ago, less what has begun since."""
    return Lecture([c for c in lu.creneaux if c.debut >= du], Counter(lu.rejets), set(lu.troubles))


def apart(travail: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine in a thread of its own: the caller's may already turn a loop (a browser test, a notebook).

    The result comes when the coroutine ends, not when its loop is put away: a name that is still being looked up there
    keeps nobody waiting.
    """
    fini: Future[_T] = Future()

    async def suivre() -> None:
        try:
            fini.set_result(await travail)
        except BaseException as error:
            fini.set_exception(error)

    threading.Thread(target=lambda: asyncio.run(suivre()), name="agendas", daemon=True).start()
    return fini.result()
