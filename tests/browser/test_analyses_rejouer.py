"""An analysis by keyboard alone: from sign-in to a chart that is kept, read, taken away and played again."""

from __future__ import annotations

import io
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from lake.store.analyses import reading
from scoring.analyses.codec import decode
from tests.browser.accessibility import violations
from tests.browser.conftest import settled
from tests.browser.test_acces import PASSWORD, Suite, sign_in, suite
from tests.demo_lake import called

__all__ = ["suite"]  # the same server, for the tests of this module


def press(tab: Page, target: Locator) -> None:
    """Act on what a keyboard reaches: focus, then Enter."""
    target.focus()
    expect(target).to_be_focused()
    target.press("Enter")


def test_from_sign_in_to_an_analysis_kept_read_and_played_again(
    suite: Suite, page: Page, petit_lake: Path, tmp_path: Path
) -> None:
    sign_in(page, f"{suite.address}/connexion?retour=/analyses-creer", suite.pilot.email, PASSWORD)
    page.wait_for_url("**/analyses-creer*")
    settled(page)
    name = page.get_by_label("Titre de l’analyse")
    name.focus()
    page.keyboard.type("Préparer le comité")
    press(page, page.get_by_role("button", name="Continuer"))
    expect(page.get_by_text("L’équipement en e-CPS")).to_be_visible()
    press(page, page.locator(".st-key-rayon_psc button"))
    expect(page.get_by_text("Indicateurs d’observation")).to_be_visible()
    expect(page.locator(".st-key-type_classement button")).to_be_visible()
    settled(page)
    assert violations(page) == []
    press(page, page.locator(".st-key-type_classement button"))
    title = page.get_by_label("Titre du graphique")
    title.focus()
    page.keyboard.type("Qui est inscrit ?")
    title.press("Tab")
    settled(page)
    expect(page.get_by_role("heading", name="Qui est inscrit")).to_be_visible()
    press(page, page.get_by_role("button", name="Enregistrer dans mes analyses"))
    press(page, page.get_by_role("link", name="Lire l’analyse"))
    expect(page.get_by_role("heading", name="Préparer le comité")).to_be_visible()
    settled(page)
    with page.expect_download() as waited:
        press(page, page.get_by_role("button", name="Cette analyse en PDF"))
    content = Path(waited.value.path()).read_bytes()
    text = " ".join("".join(one.extract_text() for one in PdfReader(io.BytesIO(content)).pages).split())
    assert "Qui est inscrit" in text
    assert "Grand Est" in text

    (line,) = [one for one in reading.listed(suite.store, suite.pilot) if one.right == reading.OWN]
    kept = reading.opened(suite.store, suite.pilot, line.id)
    assert decode(kept.document).titre == "Préparer le comité"
    file, bundle = tmp_path / "a.json", tmp_path / "a.zip"
    from scoring.analyses.codec import text as written

    file.write_text(written(decode(kept.document)), "utf-8")
    url = str(suite.store.url)
    called(
        "analyse",
        "rendre",
        str(file),
        "--lot",
        str(bundle),
        "--utilisateur",
        suite.pilot.email,
        lake=petit_lake,
        store=url,
    )
    done = called(
        "analyse", "rejouer", str(bundle), "--utilisateur", suite.pilot.email, lake=petit_lake, store=url
    )
    assert done.stdout.splitlines()[-1] == "identique"
