"""Who did something, as readers read it: a name, not an address."""

from __future__ import annotations

from apps.kit.access import session
from lake.store.saisie.acteurs import nom_in


def personne(email: str | None, sinon: str = "exploitant") -> str:
    """The name of who has an address; the address itself once no account has it any more.

    Args:
        email: what the entry kept of who did it; empty for the operator.
        sinon: how the operator is said here.
    """
    if not email:
        return sinon
    with session.store().reading() as connection:
        return nom_in(connection, email, sinon)
