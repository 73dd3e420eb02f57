"""Reading JSON strictly: every fault at once, each with the path of the faulty member, in French."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from lake.errors import LakeError, UnknownName

T = TypeVar("T")


@dataclass(frozen=True)
class Faute:
    """One fault of a document.

    Attributes:
        chemin: where: ``sections[2].graphique.mesures[0]``; ``$`` for the whole document.
        message: what is wrong and what to do, in French.
    """

    chemin: str
    message: str

    def __str__(self) -> str:
        return f"{self.chemin or '$'} : {self.message}"


class AnalyseFautive(LakeError):
    """A document that is no analysis.

    Args:
        fautes: all of its faults.
    """

    def __init__(self, fautes: Iterable[Faute]) -> None:
        self.fautes = tuple(fautes)
        super().__init__("\n".join(str(one) for one in self.fautes))


@dataclass
class Membres:
    """The members of a JSON object, read one by one; what nobody reads is a fault at the end.

    Attributes:
        brut: what JSON gave.
        chemin: where it stands.
        fautes: the faults found so far, shared by the whole document.
    """

    brut: Mapping[str, Any]
    chemin: str
    fautes: list[Faute]
    lus: list[str] = field(default_factory=list)

    @classmethod
    def de(cls, brut: object, chemin: str, fautes: list[Faute]) -> Membres | None:
        """The members of what should be an object; None, and a fault, when it is none."""
        if isinstance(brut, Mapping):
            return cls(brut, chemin, fautes)
        fautes.append(Faute(chemin, "Un objet JSON est attendu."))
        return None

    def a(self, nom: str) -> str:
        """The path of a member."""
        return f"{self.chemin}.{nom}" if self.chemin else nom

    def faute(self, nom: str, message: str) -> None:
        """Note a fault on a member."""
        self.fautes.append(Faute(self.a(nom) if nom else self.chemin, message))

    def prendre(self, nom: str, defaut: Any = None, *, obligatoire: bool = False) -> Any:
        """A member as it is; its default when it is missing."""
        self.lus.append(nom)
        if nom in self.brut:
            return self.brut[nom]
        if obligatoire:
            self.faute(nom, "Ce champ est obligatoire.")
        return defaut

    def texte(
        self,
        nom: str,
        *,
        plus: int = 0,
        obligatoire: bool = False,
        parmi: Iterable[str] | None = None,
        defaut: str = "",
    ) -> str:
        """A text.

        Args:
            nom: its name.
            plus: characters at most; 0 for no limit.
            obligatoire: whether it must be there, and say something.
            parmi: the values allowed.
            defaut: its value when it is missing.
        """
        found = self.prendre(nom, None, obligatoire=obligatoire)
        if found is None and nom not in self.brut:
            return defaut
        if not isinstance(found, str):
            self.faute(nom, "Un texte est attendu.")
            return defaut
        if obligatoire and not found.strip():
            self.faute(nom, "Ce texte ne peut pas être vide.")
        if plus and len(found) > plus:
            self.faute(nom, f"{len(found)} caractères : {plus} au plus.")
        if parmi is not None and found not in (known := list(parmi)):
            self.faute(nom, str(UnknownName(nom, found, known)))
            return defaut
        return found

    def entier(self, nom: str, *, moins: int, plus: int, defaut: int = 0, obligatoire: bool = False) -> int:
        """A whole number between two bounds."""
        found = self.prendre(nom, defaut, obligatoire=obligatoire)
        if not isinstance(found, int) or isinstance(found, bool):
            self.faute(nom, "Un nombre entier est attendu.")
            return defaut
        if nom in self.brut and not moins <= found <= plus:
            self.faute(nom, f"{found} : de {moins} à {plus}.")
            return defaut
        return found

    def booleen(self, nom: str) -> bool:
        """True or false; false when it is missing."""
        found = self.prendre(nom, False)
        if not isinstance(found, bool):
            self.faute(nom, "« true » ou « false » est attendu.")
            return False
        return found

    def jour(self, nom: str) -> date | None:
        """A date written AAAA-MM-JJ; None when it is missing."""
        found = self.prendre(nom, None)
        if found is None:
            return None
        try:
            return date.fromisoformat(found)
        except (TypeError, ValueError):
            self.faute(nom, "Une date AAAA-MM-JJ est attendue.")
            return None

    def textes(self, nom: str, *, plus: int, moins: int = 0) -> tuple[str, ...]:
        """A list of texts, each said once."""
        found = self.liste(nom, lambda one, path: self._texte(one, path), plus=plus, moins=moins)
        for rank, one in enumerate(found):
            if one in found[:rank]:
                self.faute(f"{nom}[{rank}]", f"« {one} » est déjà dans la liste.")
        return found

    def _texte(self, value: object, chemin: str) -> str | None:
        if isinstance(value, str) and value.strip():
            return value
        self.fautes.append(Faute(chemin, "Un nom est attendu."))
        return None

    def liste(
        self,
        nom: str,
        lire: Callable[[object, str], T | None],
        *,
        plus: int,
        moins: int = 0,
        mots: str = "éléments",
    ) -> tuple[T, ...]:
        """A list, each of its members read by a function; those that cannot be read are left out."""
        found = self.prendre(nom, [], obligatoire=moins > 0)
        if not isinstance(found, list):
            self.faute(nom, "Une liste est attendue.")
            return ()
        if nom in self.brut and len(found) < moins:
            self.faute(nom, f"Au moins {moins} est attendu.")
        if len(found) > plus:
            self.faute(nom, f"{len(found)} {mots} : {plus} au plus.")
            return ()
        read = (lire(one, f"{self.a(nom)}[{rank}]") for rank, one in enumerate(found))
        return tuple(one for one in read if one is not None)

    def table(self, nom: str, lire: Callable[[object, str], T | None]) -> dict[str, T]:
        """An object used as a table: each of its members read by a function."""
        found = self.prendre(nom, {})
        if not isinstance(found, Mapping):
            self.faute(nom, "Un objet JSON est attendu.")
            return {}
        read = {str(key): lire(one, f"{self.a(nom)}.{key}") for key, one in found.items()}
        return {key: one for key, one in read.items() if one is not None}

    def fermer(self, quoi: str) -> None:
        """Note as faults the members that nobody read, with the nearest known names."""
        for nom in self.brut:
            if nom not in self.lus:
                self.faute(str(nom), str(UnknownName(f"champ {quoi}", str(nom), self.lus)))
