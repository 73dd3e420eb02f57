"""Attachments: types, sizes, names, an antivirus that speaks clamd's words."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from lake.droits import Droits
from lake.errors import AccessDenied, EditConflict, LakeError, Refused, SourceUnavailable
from lake.settings import Settings
from lake.store.accounts import accounts
from lake.store.accounts.identity import Compte
from lake.store.engine import Store
from lake.store.saisie import acteurs, avis, pieces, validites
from lake.store.saisie.validites import Validite
from lake.tables import Lake
from tests.unit.test_saisie_base import person, service

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
PDF = b"%PDF-1.7\n1 0 obj\n"


class Clamd(socketserver.BaseRequestHandler):
    """The part of clamd that is spoken: INSTREAM, in its own words."""

    def handle(self) -> None:
        read = self.request.makefile("rb")
        assert read.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack(">I", read.read(4))[0]:
            content += read.read(size)
        found = b"stream: Eicar-Signature FOUND\0" if b"EICAR-STANDARD" in content else b"stream: OK\0"
        self.request.sendall(found)


@pytest.fixture
def clamd() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_the_same_bytes_twice_are_one_object_and_two_rows(store: Store, lake: Lake, clamd: str) -> None:
    telec = service(store, "Téléconsultation")
    one, other = (
        pieces.deposer(store, lake.objects, telec, name, PDF, par=None, clamd=clamd)
        for name in ("a.pdf", "b.PDF")
    )
    assert len(lake.objects.list(pieces.FOLDER)) == 1
    assert [row["etat"] for row in pieces.lister(store, telec, par=None)] == ["saine", "saine"]
    assert pieces.prendre(store, lake.objects, other, par=None) == ("b.PDF", PDF)
    pieces.retirer(store, one, par=None)
    assert [row["id"] for row in pieces.lister(store, telec, par=None)] == [other]


def test_a_known_virus_leaves_a_trace_and_nothing_else(store: Store, lake: Lake, clamd: str) -> None:
    telec = service(store, "Téléconsultation")
    with pytest.raises(Refused, match="Eicar-Signature"):
        pieces.deposer(store, lake.objects, telec, "note.txt", EICAR, par=None, clamd=clamd)
    assert pieces.lister(store, telec, par=None) == []
    assert not lake.objects.list(pieces.FOLDER)
    with pytest.raises(SourceUnavailable, match="antivirus ne répond pas"):
        pieces.deposer(store, lake.objects, telec, "a.pdf", PDF, par=None, clamd="127.0.0.1:1")
    # Without an antivirus it is told, not hidden.
    pieces.deposer(store, lake.objects, telec, "a.pdf", PDF, par=None)
    assert pieces.lister(store, telec, par=None)[0]["etat"] == "non_analysee"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("../../x.pdf", PDF, "n'est pas un nom de fichier"),
        ("..\\x.pdf", PDF, "n'est pas un nom de fichier"),
        ("rapport.pdf.exe", PDF, "n'est pas d'un type admis"),
        ("page.svg", b"<svg/>", "n'est pas d'un type admis"),
        ("x" * 260 + ".pdf", PDF, "trop long"),
        ("fdp\u202e.exe.pdf", PDF, "caractères invisibles"),
        ("a.pdf", b"MZ", "n'est pas un fichier pdf"),
        ("a.docx", b"PK\x03\x04 rien", "n'est pas un fichier docx"),
        ("a.docx", b"PK\x03\x04 word/document.xml vbaProject.bin", "contient des macros"),
        ("a.txt", b"<html>", "n'est pas un fichier txt"),
        ("a.txt", b"", "est vide"),
        ("a.txt", b"x" * (20 * 1024 * 1024 + 1), "20 Mo au plus"),
    ],
)  # fmt: skip
def test_what_is_not_a_proof_is_refused_in_words(name: str, content: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        pieces.refuser_contenu(pieces.nom_sur(name), content)


def test_a_file_is_taken_by_who_still_may(store: Store, tmp_path: Path) -> None:
    lake = Lake(Settings(lake=str(tmp_path / "lac")))
    telec = service(store, "Téléconsultation")
    anne, other = person(store, "anne"), person(store, "autre")
    acteurs.donner(store, anne.id, telec, "responsable_service", par=None)
    number = pieces.deposer(store, lake.objects, telec, "a.pdf", PDF, par=anne.email)
    with pytest.raises(AccessDenied):
        pieces.prendre(store, lake.objects, number, par=other.email)
    acteurs.retirer(store, anne.id, telec, "responsable_service", par=None)
    with pytest.raises(AccessDenied):
        pieces.prendre(store, lake.objects, number, par=anne.email)


def test_a_proof_is_valid_all_its_last_day_in_paris() -> None:
    end = date(2026, 12, 31)
    known = {
        date(2026, 11, 30): Validite.VALABLE,
        date(2026, 12, 1): Validite.BIENTOT,
        end: Validite.BIENTOT,
        date(2027, 1, 1): Validite.PERIMEE,
    }
    assert {day: validites.validite(end, day) for day in known} == known
    assert validites.validite(None, end) is Validite.SANS_FIN


def test_those_who_may_renew_a_proof_are_told_once_that_it_ends(store: Store, lake: Lake) -> None:
    telec = service(store, "Téléconsultation")
    anne, paul, lea, zoe = (person(store, name) for name in ("anne", "paul", "lea", "zoe"))
    for who, role in ((anne, "responsable_service"), (anne, "expert"), (paul, "lecteur"), (zoe, "expert")):
        acteurs.donner(store, who.id, telec, role, par=None)
    accounts.narrow(store, zoe.id, Droits(frozenset({"convergence"}), regions=frozenset({"32"})), "x")

    def titles(who: Compte) -> list[str]:
        return [one["titre"] for one in avis.non_lus(store, who.id)]

    # 23 h 30 in London is the next day in Paris: thirty days before its end, it is told.
    early = datetime(2026, 11, 30, 22, 30, tzinfo=UTC)
    number = pieces.deposer(
        store, lake.objects, telec, "attestation.pdf", PDF, par=anne.email,
        valable_au=date(2026, 12, 31), now=early,
    )  # fmt: skip
    assert titles(anne) == []
    assert validites.annoncer(store, datetime(2026, 11, 30, 23, 30, tzinfo=UTC)) == 1
    told = [
        "Une pièce est à renouveler, Téléconsultation : « attestation.pdf », valable jusqu’au 31/12/2026."
    ]
    assert titles(anne) == told
    assert (titles(paul), titles(lea), titles(zoe)) == ([], [], [])  # a reader, nobody, another region's
    assert validites.annoncer(store, datetime(2027, 1, 2, tzinfo=UTC)) == 0
    assert titles(anne) == told
    # Another day within the thirty: the same notice says it.
    validites.dater(store, number, date(2026, 12, 24), rev=1, par=anne.email, now=early)
    assert titles(anne)[0].endswith("valable jusqu’au 24/12/2026.")
    assert len(titles(anne)) == 1
    # Renewed until another day, nothing is to be done; its next end is told again.
    day = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)
    assert validites.dater(store, number, date(2027, 12, 31), rev=2, par=anne.email, now=day) == 3
    assert titles(anne) == []
    assert validites.a_renouveler(store, [telec], date(2026, 12, 31)) == []
    assert validites.annoncer(store, datetime(2028, 1, 1, 9, 0, tzinfo=UTC)) == 1
    assert titles(anne)[0].endswith("« attestation.pdf », périmée depuis le 01/01/2028.")
    # Taken off the list, it is nobody's to renew.
    pieces.retirer(store, number, par=anne.email)
    assert titles(anne) == []
    assert validites.annoncer(store, datetime(2028, 1, 2, tzinfo=UTC)) == 0
    with pytest.raises(LakeError, match="n'existe plus"):
        validites.dater(store, number, None, rev=3, par=anne.email)


def test_a_validity_is_changed_by_who_may_and_never_over_another_one(store: Store, lake: Lake) -> None:
    telec = service(store, "Téléconsultation")
    paul = person(store, "paul")
    acteurs.donner(store, paul.id, telec, "lecteur", par=None)
    number = pieces.deposer(store, lake.objects, telec, "a.pdf", PDF, par=None)
    with pytest.raises(AccessDenied):
        validites.dater(store, number, date(2027, 1, 1), rev=1, par=paul.email)
    with pytest.raises(Refused, match="« 01/01/1999 » n'est pas un jour de validité"):
        validites.dater(store, number, date(1999, 1, 1), rev=1, par=None)
    assert validites.dater(store, number, date(2027, 1, 1), rev=1, par=None) == 2
    assert validites.dater(store, number, date(2027, 1, 1), rev=1, par=None) == 2  # the same: no conflict
    with pytest.raises(EditConflict) as kept:
        validites.dater(store, number, None, rev=1, par=None)
    assert kept.value.theirs == {"valable_au": date(2027, 1, 1)}
    assert pieces.lister(store, telec, par=None)[0]["valable_au"] == "2027-01-01"
