"""Entry script of the showcase."""

from apps.kit.shell.portal import declare, serve
from tests.browser.vitrine.declaration import PAGES

serve(declare(PAGES))
