"""Security headers of every answer.

The content security policy names the only outside host the suite may ever call: the IGN tiles, an optional base
map. Everything else, fonts and scripts included, comes from this server.
"""

from __future__ import annotations

from collections.abc import Iterable

TILES = "https://data.geopf.fr"
# streamlit-folium evaluates the map's script inside its own frame: only that frame may do so.
COMPONENTS = ("/component/",)


def content_security_policy(script_hashes: Iterable[str], *, evaluate: bool = False) -> str:
    """The policy of a page.

    Args:
        script_hashes: hashes of the inline scripts of the first page.
        evaluate: whether scripts may evaluate text (component frames only).
    """
    scripts = ["'self'", "'wasm-unsafe-eval'", *script_hashes]
    if evaluate:
        scripts = ["'self'", "'unsafe-inline'", "'unsafe-eval'"]
    directives = {
        "default-src": "'self'",
        "script-src": " ".join(scripts),
        # Streamlit's styles (emotion), Vega's SVG and Leaflet's positions are inline.
        "style-src": "'self' 'unsafe-inline'",
        "img-src": f"'self' data: blob: {TILES}",
        "font-src": "'self' data:",
        "connect-src": f"'self' data: blob: {TILES}",
        "worker-src": "'self' blob:",
        "media-src": "'self' data: blob:",
        "frame-src": "'self' blob: data:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def security_headers(path: str, script_hashes: Iterable[str]) -> dict[str, str]:
    """Headers added to the answer at ``path``."""
    component = path.startswith(COMPONENTS)
    return {
        "content-security-policy": content_security_policy(script_hashes, evaluate=component),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "x-permitted-cross-domain-policies": "none",
        "x-frame-options": "SAMEORIGIN",
    }
