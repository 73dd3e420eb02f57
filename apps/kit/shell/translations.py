"""French for the few texts that Streamlit's front end writes by itself.

Streamlit has no translations. Its texts are literals of its built JavaScript, so the served copy of a few files
is rewritten, literal by literal, once at start-up. Texts that a widget accepts as an argument (placeholders,
labels) are given by the kit instead. ``missing()`` lists the literals that a new version of Streamlit no longer
holds: a test keeps that list empty.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit

STATIC = Path(streamlit.__file__).parent / "static"
SCRIPTS = STATIC / "static" / "js"

# file stem -> literals as they stand in the built script -> French, in the same JavaScript syntax
LITERALS: dict[str, dict[str, str]] = {
    "index.D": {
        "`Skip to main content`": "`Aller au contenu`",
        '"aria-label":`Sidebar`': '"aria-label":`Filtres`',
        '"aria-label":`Running...`': '"aria-label":`Calcul en cours`',
        '"aria-label":`Close`': '"aria-label":`Fermer`',
        "alt:`Logo`": "alt:`Observatoire e-santé Grand Est`",
        "`Main menu`": "`Menu`",
        "`App pages`": "`Pages`",
        "`Collapse sidebar`": "`Replier les filtres`",
        "`Expand sidebar`": "`Ouvrir les filtres`",
        "`Page not found`": "`Page introuvable`",
        "`The page that you have requested does not seem to exist`": "`La page demandée n’existe pas`",
        "${t}. Running the app's main page.": "${t}. Voici la page d’accueil.",
        "`Connection error`": "`Connexion perdue`",
        "`Please wait...`": "`Un instant…`",
        "`Try again`": "`Réessayer`",
        "`Scroll tabs left`": "`Onglets précédents`",
        "`Scroll tabs right`": "`Onglets suivants`",
        "`Navigate to home page`": "`Retour à l’accueil`",
        "`View less`": "`Voir moins`",
        "`View ${x-m} more`": "`Voir ${x-m} de plus`",
        "`Connection lost. Please wait for the app to reconnect, then try again.`": (
            "`Connexion perdue. Attendez qu’elle se rétablisse, puis recommencez.`"
        ),
        "`Script execution error`": "`Erreur d’exécution`",
        "`Your app is having trouble loading the component.`": "`Ce composant ne se charge pas.`",
        "`Network error`": "`Erreur de réseau`",
    },
    "InputInstructions": {
        "`Press ${r()?`⌘`:`Ctrl`}+Enter to ${e}`": "`${r()?`⌘`:`Ctrl`}+Entrée pour ${e}`",
        "`Press Enter to ${e}`": "`Entrée pour ${e}`",
        "`submit form`": "`envoyer`",
        "`apply`": "`appliquer`",
    },
    "Multiselect": {
        "`No results`": "`Aucun résultat`",
        "`Clear all`": "`Tout retirer`",
        "`Select all`": "`Tout choisir`",
        "`Selected values`": "`Valeurs choisies`",
        "`Multiselect options`": "`Choix possibles`",
        '"aria-label":`Open`': '"aria-label":`Ouvrir la liste`',
        "`Remove ${e}`": "`Retirer ${e}`",
        "`Select ${p.length} matches`": "`Choisir les ${p.length} résultats`",
        "`You can only select up to ${t.maxSelections} ${e}. Remove an option first.`": (
            "`Au plus ${t.maxSelections} choix : retirez-en un d’abord.`"
        ),
    },
    "Selectbox": {
        "`No results`": "`Aucun résultat`",
        "`Clear value`": "`Effacer le choix`",
        "`Selectbox options`": "`Choix possibles`",
        '"aria-label":`Open`': '"aria-label":`Ouvrir la liste`',
    },
    "utils.Dl": {  # sizes of files: « 2 Mo »
        "`${e.toFixed(n)}${t.toUpperCase()}`": (
            "`${e.toFixed(n).replace(`.`,`,`)}\u202f${{gb:`Go`,mb:`Mo`,kb:`ko`,b:`o`}[t]}`"
        ),
    },
    "utils.ob": {
        "`Choose an option`": "`Choisir…`",
        "`Choose options`": "`Choisir…`",
        "`No options to select`": "`Aucun choix possible`",
        "`Add an option`": "`Ajouter…`",
        "`Add options`": "`Ajouter…`",
        "`Choose or add an option`": "`Choisir ou ajouter…`",
        "`Choose or add options`": "`Choisir ou ajouter…`",
    },
    "Toolbar": {
        "label:`Fullscreen`": "label:`Plein écran`",
        "`Close fullscreen`": "`Quitter le plein écran`",
    },
    "ArrowVegaLiteChart": {
        "`Download as PNG`": "`Enregistrer l’image (PNG)`",
        "`Show data`": "`Voir les données`",
        "`Show chart`": "`Voir le graphique`",
        "`Copied!`": "`Copié`",
        "`Copy Vega-Lite spec`": "`Copier la description Vega-Lite`",
    },
    "DataFrame": {
        "`Show/hide columns`": "`Afficher ou masquer des colonnes`",
        "label:`Search`": "label:`Chercher`",
        "`Type to search`": "`Chercher`",
        "`Close Search`": "`Fermer la recherche`",
        "`Next Result`": "`Résultat suivant`",
        "`Previous Result`": "`Résultat précédent`",
        "`Download as CSV`": "`Télécharger (CSV)`",
        "`Sort ascending`": "`Tri croissant`",
        "`Sort descending`": "`Tri décroissant`",
        "`Autosize`]": "`Ajuster la largeur`]",
        "`Pin column`": "`Figer la colonne`",
        "`Unpin column`": "`Libérer la colonne`",
        "`Hide column`": "`Masquer la colonne`",
        "`Statistics`]": "`Statistiques`]",
        "`Format`]": "`Format`]",
        "`Copy column name`": "`Copier le nom de la colonne`",
        "`Dataframe column menu`": "`Menu de la colonne`",
        "`Clear selection`": "`Effacer la sélection`",
        "`Select all`": "`Tout afficher`",
        "`Automatic`": "`Automatique`",
        "`Localized`": "`Français`",
        "`Plain`": "`Brut`",
        "`Compact`": "`Abrégé`",
        "`Percent`": "`Pourcentage`",
        "`Scientific`": "`Scientifique`",
        "`Accounting`": "`Comptable`",
    },
    "FileUploader": {
        "`Drag and drop directories here`": "`Déposez des dossiers ici`",
        "`Drag and drop files here`": "`Déposez des fichiers ici`",
        "`Drag and drop a file here`": "`Déposez un fichier ici`",
        " per file`": " par fichier`",
        "`Upload directories`:`Upload`": "`Choisir des dossiers`:`Choisir un fichier`",
    },
    "useCopyToClipboard": {
        "`Copied`": "`Copié`",
        "`Copy to clipboard`": "`Copier`",
    },
    "DeckGlJsonChart": {
        "label:`Clear selection`": "label:`Effacer la sélection`",
        "`Enter fullscreen`": "`Plein écran`",
        "`Exit fullscreen`": "`Quitter le plein écran`",
        "`Zoom in`": "`Agrandir`",
        "`Zoom out`": "`Réduire`",
        "`Toggle attribution`": "`Afficher les sources`",
    },
    "StreamlitMarkdown": {
        "return m(t)?`Help`:`Help for ${": "return m(t)?`Aide`:`Aide : ${",
    },
    "Slider": {
        "i===0?`start`:`end`": "i===0?`début`:`fin`",
    },
    "TextInput": {
        "`Clear entry`": "`Effacer`",
        "`Show password`": "`Afficher le mot de passe`",
        "`Hide password`": "`Masquer le mot de passe`",
    },
    "NumberInput": {
        "`Increment`": "`Augmenter`",
        "`Decrement`": "`Diminuer`",
        "`Clear value`": "`Effacer`",
    },
    "DateInput": {
        "`Choose date`": "`Choisir une date`",
        "`Choose date range`": "`Choisir une période`",
        "`Clear date`": "`Effacer la date`",
        "`Clear dates`": "`Effacer les dates`",
        "cale:`en-US`": "cale:`fr-FR`",
        " start date`": " : début`",
        " end date`": " : fin`",
        "`Date range`": "`Période`",
        "`Use arrow keys to navigate dates. Enter to select. Escape to close.`": (
            "`Flèches pour changer de date, Entrée pour choisir, Échap pour fermer.`"
        ),
    },
    # What Vega writes for screen readers around the words of our charts (apps/kit/charts/spoken.py).
    "embed": {
        "return`${n===`left`||n===`right`?`Y`:`X`}-axis`": (
            "return`Axe des ${n===`left`||n===`right`?`ordonnées`:`abscisses`}`"
        ),
        "` titled '${r}'`": "` « ${r} »`",
        "` titled '${n}'`": "` « ${n} »`",
        "` for a ${pp(s)?`discrete`:s} scale with ${tm(o,a,e)}`": "`, ${tm(o,a,e)}`",
        "`${t.type||``} legend`.trim()": "`légende`",
        "` for ${Ny(a)} with ${tm(c,s,e)}`": "`, ${tm(c,s,e)}`",
        "${n} boundar${n===1?`y`:`ies`}: ": "${n} borne${n===1?``:`s`} : ",
        "`, ending with `": "`, jusqu’à `",
        "${n} value${n===1?``:`s`}: ": "${n} valeur${n===1?``:`s`} : ",
        "`values from ${i(e[0])} to ${i(j(e))}`": "`de ${i(e[0])} à ${i(j(e))}`",
        "{desc:`axis`,caption:": "{desc:`axe`,caption:",
        "{desc:`legend`,caption:": "{desc:`légende`,caption:",
        "{desc:`title`,caption:e=>`Title text '${ky(e)}'`}": "{desc:`titre`,caption:e=>`Titre : ${ky(e)}`}",
        "e=>`Subtitle text '${ky(e)}'`": "e=>`Sous-titre : ${ky(e)}`",
        "`${n} mark`": "`repère`",
        "`${t} mark container`": "`groupe de repères`",
    },
    # Names are shown with curly apostrophes and typed with straight ones.
    "useSyncComboBox": {
        "function Sn(e,t,n){if(!t||": "function Sn(e,t,n){t=t&&t.replaceAll(`'`,`’`);if(!t||",
    },
    "DownloadButton": {
        # The server's own words for a file that it could not make are English.
        "e instanceof Error?e.message:`Download failed`": (
            "`Le téléchargement a échoué : rechargez la page, puis recommencez.`"
        ),
    },
}


def _script(stem: str) -> Path | None:
    found = sorted(SCRIPTS.glob(f"{stem}*.js"))
    return found[0] if found else None


def missing() -> list[str]:
    """The literals that the installed Streamlit does not hold, as ``file: literal``."""
    absent = []
    for stem, literals in LITERALS.items():
        path = _script(stem)
        text = path.read_text(encoding="utf-8") if path else ""
        absent += [f"{stem}: {literal}" for literal in literals if literal not in text]
    return absent


@cache
def translated_scripts() -> dict[str, bytes]:
    """Served path (``/static/js/…``) to the French copy of each front-end script that holds texts."""
    copies = {}
    for stem, literals in LITERALS.items():
        path = _script(stem)
        if path is None:
            continue
        text = path.read_text(encoding="utf-8")
        for literal, french in literals.items():
            text = text.replace(literal, french)
        copies[f"/static/js/{path.name}"] = text.encode("utf-8")
    return copies
