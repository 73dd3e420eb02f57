"""The legal page and the accessibility statement: what the operator's settings fill, and what is true of the suite."""

from __future__ import annotations

import streamlit as st

from apps.kit.shell.screen import Screen
from apps.kit.style import french
from apps.kit.style.french import counted, typographic
from lake.settings import Settings
from lake.store.accounts import personal

KEPT = {
    "journal": "le journal",
    "sessions": "les sessions finies",
    "liens": "les liens expirés",
    "demandes": "les demandes traitées",
    "partages": "les liens partagés que personne n’ouvre",
    "essais": "les échecs de connexion",
    "brouillons": "les saisies non envoyées",
    "corbeille": "les analyses supprimées",
}
TO_FILL = "*[à renseigner par l’exploitant]*"


def said(name: str) -> str:
    """What the operator says, in Markdown without effect; a visible gap where nothing was set."""
    text = Settings.from_env().mentions.get(name, "")
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()#+-!<>|$:~" else sign for sign in text) or TO_FILL


def kept() -> str:
    """How long each kind of data is kept, by this installation's settings."""
    days = {**personal.DURATIONS, **Settings.from_env().conservation}
    said = [f"{label} {counted(days[name], 'jour')}" for name, label in KEPT.items()]
    return french.listing(said)


def _legal() -> None:
    _missing(("organisme", "directeur_publication", "adresse", "contact", "dpo", "hebergeur"))
    st.markdown(
        typographic(
            f"""
## Éditeur

{said("organisme")}, {said("adresse")}. Directeur de la publication : {said("directeur_publication")}.
Contact : {said("contact")}. Hébergement : {said("hebergeur")}.

## Données personnelles

**Ce qui est gardé d’un compte** : adresse électronique, nom, prénom, civilité si vous l’avez donnée, organisation,
numéro RPPS si votre profil le demande, profil et droits, responsable, dates de création et de dernière connexion.
Le mot de passe n’est gardé que sous forme d’empreinte (bcrypt). **Le journal** garde qui s’est connecté, a échoué,
a exporté ou a changé un droit, et quand, avec l’adresse du réseau.

**Pourquoi** : ouvrir des données réservées aux personnes habilitées et pouvoir en répondre (mission d’intérêt
public). **Combien de temps** : le compte, jusqu’à sa suppression ; {kept()}. **Vos droits** : accès,
rectification, effacement, limitation, opposition, auprès de {said("dpo")} ; réclamation auprès de la CNIL.

**Les professionnels de l’annuaire** figurent dans l’Annuaire Santé publié par l’Agence du numérique en santé : les
rectifications se demandent à leur ordre ou à leur autorité d’enregistrement, d’où elles reviennent ici à
l’extraction suivante.

## Cookies

Aucun cookie de mesure ni de publicité, aucune ressource d’un autre site. Cookies techniques, sans consentement
à demander : `obs_session` (votre connexion, illisible par les scripts de la page, effacé à la déconnexion),
`_streamlit_xsrf` (protection contre les requêtes forgées), `obs_ecran` (l’écran est étroit : les tableaux s’y
adaptent ; effacé avec la fenêtre), `obs_processus` (lequel de nos processus tient votre page ; effacé avec la
fenêtre) et, le temps d’une connexion, `obs_retour` (la page que vous demandiez, un quart d’heure au
plus) et `_streamlit_user` (par un fournisseur d’identité).

## Réutilisation

Les données publiques gardent la licence de leur source, écrite sous chaque vue et en tête de chaque export
(Licence Ouverte 2.0 pour l’Annuaire Santé, l’INSEE et la BAN). Citez la source, la date et ce que vous avez changé.
"""
        )
    )


def _accessibility() -> None:
    _missing(("organisme", "rgaa_etat", "rgaa_taux", "rgaa_date", "rgaa_auditeur", "contact"))
    st.markdown(
        typographic(
            f"""
{said("organisme")} s’engage à rendre ce service accessible, conformément à l’article 47 de la loi n° 2005-102 du
11 février 2005. Cette déclaration s’applique à l’Observatoire e-santé.

## État de conformité

État : **{said("rgaa_etat")}** avec le RGAA 4.1. Taux de conformité : **{said("rgaa_taux")}**, d’après l’audit du
{said("rgaa_date")} par {said("rgaa_auditeur")}.

## Ce qui est vérifié à chaque version

Chaque page est passée au contrôle automatique (axe-core, critères A et AA) sur grand ou petit écran : aucune
violation grave n’est acceptée. Le parcours au clavier, la langue, les contrastes et l’équivalent en tableau de
chaque graphique et de chaque carte sont éprouvés par des tests. Un contrôle automatique ne vaut pas un audit.

## Contenus non accessibles

- Les tableaux longs sont dessinés par un composant dont la navigation au lecteur d’écran est partielle : leur CSV
  dit la même chose.
- Sur petit écran, le menu replié range ses groupes dans une liste dont la structure n’est pas conforme (composant
  tiers).
- Les champs de connexion ne déclarent pas leur remplissage automatique (composant tiers).

## Retour d’information et recours

Vous n’arrivez pas à lire un contenu : écrivez à {said("contact")}, une autre forme vous sera proposée. Sans
réponse, saisissez le Défenseur des droits (formulaire en ligne, délégué régional, ou courrier gratuit : Défenseur
des droits, Libre réponse 71120, 75342 Paris CEDEX 07).
"""
        )
    )


def _missing(names: tuple[str, ...]) -> None:
    filled = Settings.from_env().mentions
    gaps = [f"OBS_MENTION_{name.upper()}" for name in names if not filled.get(name)]
    if gaps:
        st.info(typographic(f"Page à compléter par l’exploitant : {', '.join(gaps)}."))


MENTIONS = Screen(
    "mentions-legales",
    "Mentions légales",
    "Mentions légales et données personnelles",
    _legal,
    listed=False,
)
ACCESSIBILITE = Screen(
    "declaration-accessibilite",
    "Accessibilité du site",
    "Déclaration d’accessibilité",
    _accessibility,
    listed=False,
)
