"""Passwords: how they are kept, which are refused. bcrypt, cost 12 (about 0.3 s a check)."""

from __future__ import annotations

import bcrypt
from zxcvbn import zxcvbn

from lake.errors import LakeError
from lake.text import fold

COST = 12
SHORTEST = 12
LONGEST_BYTES = 72
"""bcrypt reads no further: longer ones are refused rather than cut."""
_STRENGTH = 3
_COMMON = frozenset(
    """motdepasse password azertyuiop qwertyuiop 123456789012 000000000000 111111111111 administrateur
    observatoire bienvenue motdepasse123 password1234 azerty123456 qwerty123456 1234567890123 iloveyou1234
    passwordpassword motdepassemotdepasse abcdefghijkl aaaaaaaaaaaa 012345678901 987654321098 changezmoi123
    changemechangeme letmeinletmein soleilsoleil doudoudoudou chouchouchou loulouloulou jetaimejetaime
    marseille1234 france123456 alsace123456 lorraine1234 grandest1234 esante123456 sante1234567
    bonjourbonjour azertyazerty qwertyqwerty adminadmin12 rootrootroot utilisateur1 utilisateur123""".split()
)


def check(password: str, *, about: tuple[str, ...] = ()) -> None:
    """Refuse a password that is easily guessed.

    Args:
        password: as typed.
        about: words that must not make it up: e-mail, names, organisation.

    Raises:
        LakeError: too short, too long, common, repeated, or made of the person's own words.
    """
    if len(password) < SHORTEST:
        raise LakeError(
            f"Ce mot de passe est trop court : {SHORTEST} caractères au moins.",
            conseil="Une phrase de plusieurs mots est plus sûre et plus facile à retenir.",
        )
    if len(password.encode()) > LONGEST_BYTES:
        raise LakeError(
            f"Ce mot de passe est trop long : {LONGEST_BYTES} octets au plus (une lettre accentuée en vaut deux)."
        )
    plain = _plain(password)
    letters = "".join(sign for sign in plain if sign.isalnum())
    rest = letters
    for word in about:
        for part in _plain(word).replace("@", " ").replace(".", " ").replace("-", " ").split():
            if len(part) >= 4:
                rest = rest.replace(part, "")
    weak = letters in _COMMON or plain in _COMMON or letters.rstrip("0123456789") in _COMMON
    # Lists of common passwords and words, keyboard runs, dates: three on a scale of four is the least.
    guessed = int(zxcvbn(password, user_inputs=[part for part in about if part])["score"]) < _STRENGTH
    if guessed or weak or len(set(plain)) < 5 or _repeated(letters) or (about and len(rest) < 6):
        raise LakeError(
            "Ce mot de passe est trop facile à deviner.",
            conseil="Évitez les mots courants, les répétitions, votre nom et votre adresse.",
        )


def _plain(text: str) -> str:
    return fold(text).encode("ascii", "ignore").decode()


def _repeated(text: str) -> bool:
    return any(
        len(text) >= 2 * size and text == (text[:size] * (len(text) // size + 1))[: len(text)]
        for size in range(1, 5)
    )


def kept(password: str, *, cost: int = COST) -> str:
    """What the store keeps of a password."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost)).decode()


_NOBODY = f"$2b${COST}$2r68D.5teZjPuc5i/Oo/U.livJOu5gXvVrDDlDqrFIfmaI.V6ngka"
"""Checked when there is no such account: an answer then takes the same time. Written, not computed: hashing one each
time cost every command a quarter of a second."""


def matches(password: str, hashed: str) -> bool:
    """Whether a password is the one kept; takes as long when nothing is kept (then it is not)."""
    sent = password.encode()
    right = bcrypt.checkpw(sent[:LONGEST_BYTES], (hashed or _NOBODY).encode())
    return right and bool(hashed) and len(sent) <= LONGEST_BYTES
