"""Entry script of the showcase."""

from apps.kit.portal import declare, serve
from tests.browser.vitrine.declaration import PAGES

serve(declare(PAGES))
