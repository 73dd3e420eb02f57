"""The sign-in form of streamlit-authenticator, over our accounts and our cookie.

Its form, its captions and its submission are kept; what stood behind them is replaced: passwords are checked by
the store (lockout, equal timing, generic answers), and the cookie is a server-side session that a route of ours
sets out of reach of scripts. Its own cookie is written by a script, and survives a change of password.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from streamlit_authenticator import Authenticate

from apps.kit.style.french import NNBSP

FIELDS = {
    "Form name": "Vos identifiants",
    "Username": "Adresse électronique",
    "Password": "Mot de passe",
    "Login": "Se connecter",
    "Captcha": f"Recopiez le texte de l’image{NNBSP}:",
}


class _Sessions:
    """Stands where the package keeps its cookie: opens a session of ours instead."""

    def __init__(self, opened: Callable[[], None]) -> None:
        self._opened = opened

    def get_cookie(self) -> None:
        """Nobody is recognised here: the page has already read the session."""

    def set_cookie(self) -> None:
        """Called by the form once the password was right."""
        self._opened()

    def delete_cookie(self) -> None:
        """Signing out ends the session in the store; nothing is left to a script."""


class _Checker:
    """Stands where the package checks credentials it was given in full: asks the store."""

    def __init__(self, check: Callable[[str, str], bool]) -> None:
        self._check = check

    def login(self, username: str | None = None, password: str | None = None, *_: Any, **__: Any) -> bool:
        """Whether these credentials open a session."""
        return self._check((username or "").strip(), password or "")

    def logout(self, _callback: Callable[..., object] | None = None) -> None:
        """Nothing: see :class:`_Sessions`."""


class SignIn(Authenticate):  # type: ignore[misc]
    """The package's sign-in form.

    Args:
        check: asks the store whether an e-mail and a password open a session.
        opened: called at once when they do.
    """

    def __init__(self, check: Callable[[str, str], bool], opened: Callable[[], None]) -> None:
        # The package's constructor draws the frame of its cookie script: it is not called.
        self.path = self.api_key = None
        self.attrs = {"login_sleep_time": 0}  # no pause for a cookie that no script has to fetch
        self.cookie_controller = _Sessions(opened)
        self.authentication_controller = _Checker(check)

    def draw(self, key: str) -> None:
        """Draw the form where the page stands."""
        self.login(location="main", fields=FIELDS, key=key)
