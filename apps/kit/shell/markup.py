"""The first page that a browser receives, in French.

Streamlit serves one English ``index.html`` for every address. This module makes the French copy: language, title,
description, what readers without JavaScript see, and a first paint that says what is loading.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from pathlib import Path

from apps.kit.shell.translations import STATIC
from apps.kit.style.theme import HATCH_PATTERN

NOSCRIPT = (
    "<noscript><p>Cette application a besoin de JavaScript. Activez-le dans votre navigateur, "
    "puis rechargez la page.</p></noscript>"
)
PAGE_SCRIPT = "\n".join(
    Path(__file__).with_name(f"{name}.js").read_text("utf-8") for name in ("page", "saisie")
)
PAGE_SCRIPT_ROUTE = "/obs-page.js"
# The fill of « no data » on maps (apps.kit.style.theme.HATCHED refers to it): SVG patterns live in the document.
HATCHES = f"""<svg width="0" height="0" style="position:absolute" aria-hidden="true" focusable="false"><defs>
      {HATCH_PATTERN}</defs></svg>"""
FIRST_PAINT = (
    '<p role="status" style="font-family:sans-serif;color:#475569;padding:2rem">Chargement de la page…</p>'
)


def french_index(title: str, description: str, source: str | None = None) -> str:
    """The French ``index.html``.

    Args:
        title: title shown until a page sets its own.
        description: one sentence for search engines and previews.
        source: the page to translate; the installed Streamlit's by default.

    Raises:
        ValueError: the page has no ``<html lang>``, title, noscript or root element (Streamlit changed).
    """
    text = source if source is not None else (STATIC / "index.html").read_text(encoding="utf-8")
    text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r'<link rel="service-desc"[^>]*>', "", text)
    for pattern, replacement in (
        (r'<html lang="en">', '<html lang="fr" translate="no">'),
        (
            r"<title>.*?</title>",
            f"<title>{html.escape(title)}</title>\n"
            f'    <meta name="description" content="{html.escape(description)}" />',
        ),
        (r"<noscript>.*?</noscript>", NOSCRIPT),
        (r'<div id="root"></div>', f'{HATCHES}\n    <div id="root">{FIRST_PAINT}</div>'),
        (r"</head>", f'  <script src=".{PAGE_SCRIPT_ROUTE}" defer></script>\n  </head>'),
    ):
        text, count = re.subn(pattern, replacement.replace("\\", r"\\"), text, flags=re.S)
        if count != 1:
            raise ValueError(f"index.html of Streamlit has changed: {pattern!r} found {count} times")
    return text


def lost_page(root: str) -> bytes:
    """What a browser receives at an address that cannot be one of the suite's, in UTF-8.

    Args:
        root: path under which the suite is served, without a final slash.
    """
    return (
        '<!DOCTYPE html><html lang="fr"><head><meta charset="UTF-8"><meta name="viewport" '
        'content="width=device-width, initial-scale=1"><title>Page introuvable</title></head>'
        '<body style="font-family:sans-serif;color:#0f2742;padding:2rem"><h1>Page introuvable</h1>'
        "<p>Cette adresse n'existe pas ou n'existe plus. "
        f'<a href="{html.escape(root)}/">Revenir à l\'observatoire</a></p></body></html>'
    ).encode()


def inline_script_hashes(page: str) -> list[str]:
    """CSP hashes (``'sha256-…'``) of the inline scripts of a page."""
    bodies = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page, flags=re.S)
    return [
        f"'sha256-{base64.b64encode(hashlib.sha256(body.encode('utf-8')).digest()).decode('ascii')}'"
        for body in bodies
    ]
