"""The messages of subscriptions as they leave: the PDF made for their reader at that moment, the link that stops them.

A message that three sendings refused is given up: its subscription is suspended, and says why beside the analysis.
"""

from __future__ import annotations

from urllib.parse import urlencode

from apps.commands.analyse_abonnements import reads_of
from lake.errors import LakeError
from lake.settings import Settings
from lake.store.accounts import mail, outbox, tree
from lake.store.accounts.outbox import Message
from lake.store.analyses import subscriptions
from lake.store.analyses.reading import opened
from lake.store.analyses.subscriptions import Subscription
from lake.store.engine import Store
from lake.tables import Lake

GENRE = "abonnement"
TRIES = 3
ONE_CLICK = "obs-desabonnement"
"""Address that a mail client posts to; who opens it in a browser finds the page that says what is stopped."""
GIVEN_UP = "trois envois de suite ont été refusés par le serveur de courriel"


class Envoi:
    """What is done with the messages of subscriptions when they are sent.

    Args:
        store: where subscriptions are.
        settings: the public address, the lake.
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store, self.settings = store, settings
        self._lake: Lake | None = None
        self._state: list[object] = []

    def dress(self, one: Message) -> mail.Dressing:
        """The PDF of the analysis under the reader's rights and filters, and the address that stops its messages."""
        found = self._subscription(one)
        if found is None:
            return mail.Dressing()
        query = urlencode({"jeton": found.token})
        stop = f"{self.settings.url.rstrip('/')}/{ONE_CLICK}?{query}"
        try:
            content = self._pdf(found)
        except LakeError:
            # Closed to this reader since it was composed, or too much to draw: the text and its link remain.
            return mail.Dressing((), stop)
        if len(content) > mail.MOST_BYTES:
            return mail.Dressing((), stop)
        name = f"analyse-{found.analyse_id}.pdf"
        return mail.Dressing((mail.Attachment(name, content, "application/pdf"),), stop)

    def refused(self, one: Message) -> None:
        """Give the subscription up after the third refusal, with the reason its reader will find."""
        if one.essais + 1 < TRIES:
            return
        found = self._subscription(one)
        outbox.done(self.store, one.id)
        if found is not None:
            subscriptions.stop(self.store, found.id, GIVEN_UP)

    def _subscription(self, one: Message) -> Subscription | None:
        number = one.objet.partition(":")[2]
        return subscriptions.of_number(self.store, int(number)) if number.isdecimal() else None

    def _pdf(self, found: Subscription) -> bytes:
        from apps.analyses.abonnements import chosen
        from apps.analyses.feuille import feuille
        from apps.kit.export.pdf import page_pdf
        from scoring.analyses.codec import decode

        if self._lake is None:
            self._lake = Lake(self.settings)
            self._state = [self._lake.snapshot()]
        read = opened(self.store, found.reader, found.analyse_id)
        droits = tree.rights(self.store, found.reader)
        reads = reads_of(self._lake, self.settings, found.reader, droits, self._state)
        made = feuille(decode(read.document), reads)
        shown = made.shown([chosen(part.start, found.choices.get(part.name, {})) for part in made.page.parts])
        return page_pdf(made.page, made.view, shown)
