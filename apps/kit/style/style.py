"""The few rules that Streamlit's theme cannot express: figures, labels, captions, focus, small screens."""

from __future__ import annotations

import streamlit as st

from apps.kit.style.theme import (
    ACCENT,
    DOWN_COLOUR,
    EDGE,
    INK,
    LINE,
    NO_DATA,
    NO_DATA_LINE,
    PANEL,
    SECONDARY,
    UP_COLOUR,
    WHITE,
)

CSS = f"""
<style>
  .stApp {{ font-variant-numeric: tabular-nums; }}
  .stMainBlockContainer {{ max-width: 1400px; padding: 4.6rem 2rem 3rem; }}
  .stMain h1 {{ padding: 0 0 .35rem; letter-spacing: -.01em; }}
  .stMain h2 {{ padding: .35rem 0 .15rem; }}
  .stSidebar [data-testid="stSidebarHeader"] {{ height: 3.6rem; padding-top: .6rem; margin-bottom: .4rem; }}
  .obs-lecture {{ color: {SECONDARY}; font-size: 16px; line-height: 1.45; max-width: 72ch; margin: 0; }}
  .st-key-saisie_frappe {{ display: none; }}
  .st-key-obs_attente {{ position: fixed; top: 4rem; right: 1.5rem; width: auto !important; z-index: 5;
    background: #fff; border-radius: 8px; }}
  .st-key-obs_attente [data-testid="stSpinner"] {{ padding: .3rem .8rem; }}
  .obs-lecture-vue {{ color: {SECONDARY}; line-height: 1.4; max-width: 72ch; margin: 0; }}
  .obs-marque {{ font-weight: 700; }}

  dl.obs-chiffres {{ display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 1rem;
    margin: .4rem 0 !important; padding: 0 !important; }}
  dl.obs-chiffres[data-nombre="3"] {{ grid-template-columns: repeat(3, minmax(0, 1fr)); }}
  dl.obs-chiffres[data-nombre="2"] {{ grid-template-columns: repeat(2, minmax(0, 1fr)); }}
  dl.obs-chiffres > div {{ border: 1px solid {LINE}; border-radius: 8px; padding: .8rem 1rem; min-width: 0; }}
  dl.obs-chiffres dt {{ font-weight: 400; font-size: 13.5px; color: {SECONDARY}; }}
  dl.obs-chiffres dd {{ margin: 0; color: {SECONDARY}; line-height: 1.35; }}
  dl.obs-chiffres dd.obs-valeur {{ font-size: 27px; font-weight: 700; color: {INK}; line-height: 1.3; }}
  dl.obs-chiffres dd.obs-hausse {{ color: {UP_COLOUR}; }}
  dl.obs-chiffres dd.obs-baisse {{ color: {DOWN_COLOUR}; }}
  .stHtml a {{ color: {ACCENT}; }}
  .obs-lecteur {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}

  .obs-legende {{ display: flex; flex-wrap: wrap; align-items: center; gap: .3rem .9rem; color: {INK};
                 font-size: 13.5px; list-style: none; margin: 0; padding: 0; }}
  .obs-legende li {{ display: flex; align-items: center; gap: .4rem; margin: 0; }}
  .obs-legende, .obs-legende li {{ padding: 0 !important; margin: 0 !important; font-size: 13.5px !important; }}
  .obs-nuance {{ width: 24px; height: 12px; flex: none; border: 1px solid #b6c0cb; }}
  .obs-hachures {{ background: repeating-linear-gradient(45deg, {NO_DATA} 0 4px, {NO_DATA_LINE} 4px 6px); }}
  [class*="surcouche_"], [class*="surcouche_"] * {{ pointer-events: none; }}
  [data-testid="stElementToolbarButton"]:has([aria-label^="Télécharger (CSV)"]) {{ display: none; }}
  .obs-demo {{ display: inline-block; background: #fff4db; color: #6b4300; border-radius: 6px; font-size: 13.5px;
    padding: .25rem .7rem; margin: 0; }}
  .obs-fiche {{ border: 1px solid {LINE}; border-radius: 8px; padding: 1rem 1.2rem; }}
  .obs-fiche h2 {{ font-size: 19px; padding: 0 !important; margin: 0 !important; }}
  .obs-fiche h3 {{ font-size: 15px; padding: .7rem 0 .2rem !important; margin: 0 !important; }}
  .obs-fiche ul {{ margin: 0 !important; }}
  .obs-fiche li {{ margin: 0 0 .55rem; line-height: 1.45; }}
  .obs-fiche a {{ color: {ACCENT}; }}
  ul.obs-cartes, ul.obs-portes {{ display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 1rem;
    list-style: none; margin: .2rem 0 .4rem !important; padding: 0 !important; }}
  ul.obs-portes {{ grid-template-columns: repeat(2, minmax(0, 1fr)); max-width: 60rem; }}
  .obs-cartes > li, .obs-portes > li {{ margin: 0 !important; padding: 0; font-size: 15px !important; }}
  .obs-cartes > li {{ border: 1px solid {LINE}; border-radius: 8px; padding: .9rem 1.1rem; }}
  .obs-cartes strong {{ font-size: 17px; }}
  .obs-cartes p {{ color: {SECONDARY}; margin: .35rem 0 0; line-height: 1.45; }}
  .obs-reserve {{ float: right; font-size: 13px; color: {SECONDARY}; background: {PANEL}; border-radius: 999px;
    padding: .1rem .6rem; }}
  .stHtml a.obs-porte {{ display: block; border: 1px solid {ACCENT}; border-radius: 8px; padding: 1rem 1.2rem;
    text-decoration: none; color: {INK}; height: 100%; }}
  .stHtml a.obs-porte:hover {{ background: #f1f8f7; }}
  .obs-porte strong {{ display: block; font-size: 17px; color: {ACCENT}; text-decoration: underline;
    text-underline-offset: 3px; }}
  .obs-porte span {{ display: block; color: {SECONDARY}; margin-top: .3rem; line-height: 1.4; }}
  dl.obs-faits {{ margin: .2rem 0 .6rem !important; padding: 0 !important; }}
  dl.obs-faits > div {{ display: grid; grid-template-columns: 12rem minmax(0, 1fr); gap: .8rem; padding: .35rem 0;
    border-bottom: 1px solid {LINE}; }}
  dl.obs-faits dt {{ font-weight: 400; color: {SECONDARY}; font-size: 14px; }}
  dl.obs-faits dd {{ margin: 0; overflow-wrap: anywhere; }}
  .st-key-obs_arbre [class*="st-key-obs_branche"] {{ position: relative; }}
  .st-key-obs_arbre button {{ padding: .1rem .5rem; min-height: 1.9rem; justify-content: flex-start; }}
  .st-key-obs_arbre [class*="st-key-obs_branche"]::before {{ content: ""; position: absolute; left: -.9rem; top: -.9rem;
    height: 1.9rem; width: .8rem; border-left: 1px solid {EDGE}; border-bottom: 1px solid {EDGE}; }}
  .st-key-obs_arbre [class*="st-key-obs_branche1_"] {{ margin-left: 1.4rem; }}
  .st-key-obs_arbre [class*="st-key-obs_branche2_"] {{ margin-left: 2.8rem; }}
  .st-key-obs_arbre [class*="st-key-obs_branche3_"] {{ margin-left: 4.2rem; }}
  .st-key-obs_arbre [class*="st-key-obs_branche4_"] {{ margin-left: 5.6rem; }}
  .st-key-obs_arbre [class*="st-key-obs_branche5_"] {{ margin-left: 7rem; }}
  .st-key-obs_arbre [class*="st-key-obs_branche6_"] {{ margin-left: 8.4rem; }}
  .obs-racine {{ font-weight: 600; margin: 0; padding: .1rem .1rem .2rem; }}
  .st-key-obs_connexion .stFormSubmitButton button {{ background: {ACCENT}; border-color: {ACCENT}; color: #fff; }}
  .obs-pied {{ color: {SECONDARY}; font-size: 13.5px; border-top: 1px solid {LINE}; padding-top: .8rem;
    margin: 1.4rem 0 0; }}
  .obs-repere {{ color: {SECONDARY}; }}
  .obs-parts ul {{ list-style: none; margin: 0.25rem 0 0; padding: 0; }}
  .obs-parts li {{ display: flex; justify-content: space-between; gap: 0.75rem; }}
  .obs-autres-chiffres {{ margin: 0.25rem 0 0; padding-left: 1.1rem; color: {SECONDARY}; }}
  .obs-coin {{ color: {SECONDARY}; font-size: 14px; margin: 0; }}
  .obs-coin strong {{ color: {INK}; }}
  .obs-refus {{ color: {DOWN_COLOUR}; font-size: 14px; margin: .15rem 0 .3rem; }}
  .obs-refus-resume {{ border-left: 3px solid {DOWN_COLOUR}; background: {PANEL}; padding: .5rem .9rem; }}
  .obs-refus-resume p, .obs-refus-resume ul {{ margin: 0; }}
  .stMain [aria-invalid="true"] {{ box-shadow: 0 0 0 1px {DOWN_COLOUR}; }}
  table.obs-table {{ border-collapse: collapse; font-size: 14.5px; margin: .2rem 0 .6rem;
    width: 100%; max-width: 60rem; }}
  table.obs-table th, table.obs-table td {{ text-align: left; font-weight: 400; padding: .35rem .9rem .35rem 0;
    border-bottom: 1px solid {LINE}; vertical-align: top; }}
  table.obs-table thead th {{ color: {SECONDARY}; font-size: 13.5px; white-space: nowrap; }}
  table.obs-table tbody th {{ min-width: 5.2rem; }}
  table.obs-lignes {{ max-width: none; }}
  table.obs-lignes td {{ white-space: nowrap; }}
  .obs-avis {{ background: {PANEL}; border-left: 3px solid {ACCENT}; border-radius: 4px;
    padding: .5rem 1rem .5rem 2rem; margin: .3rem 0 !important; }}
  .obs-deborde {{ overflow-x: auto; }}
  .obs-reseau img {{ max-width: 100%; height: auto; }}
  .obs-source {{ color: {SECONDARY}; font-size: 13.5px; margin: 0; padding-top: .35rem; }}

  [class*="st-key-obs_pied_"] {{ border-top: 1px solid {LINE}; padding-top: .1rem; row-gap: 0; }}
  :is([class*="st-key-obs_pied_"], [class*="st-key-obs_gestes_"], .st-key-obs_actions) button {{
    color: {ACCENT}; min-height: 1.9rem; padding: 0 .35rem; text-decoration: none; }}
  :is([class*="st-key-obs_pied_"], [class*="st-key-obs_gestes_"], .st-key-obs_actions) button p {{
    text-decoration: underline; text-underline-offset: 2px; }}
  .st-key-obs_etiquettes button {{ background: #dff1ee; color: #0a5651; border: 1px solid transparent;
    border-radius: 999px; min-height: 1.75rem; padding: 0 .7rem; text-decoration: none; }}
  .st-key-obs_etiquettes button:hover {{ border-color: {ACCENT}; }}
  .st-key-obs_etiquettes button p {{ font-size: 13.5px; }}
  .st-key-obs_etiquettes :is(.st-key-obs_tout_effacer, .st-key-obs_reinitialiser) button {{
    background: none; color: {ACCENT}; text-decoration: underline; padding: 0 .2rem; }}
  .stMultiSelect [aria-label="Valeurs choisies"] > * {{ background: #dff1ee; color: #0a5651; }}
  .stMultiSelect [aria-label="Valeurs choisies"] > * :is(button, svg) {{ color: #0a5651; }}
  .stSidebar label p {{ font-weight: 600; color: {SECONDARY}; }}
  .stSidebar .stExpander summary {{ opacity: 1; }}
  .stSidebar .stCheckbox label p {{ font-weight: 400; color: {INK}; }}
  .stSidebar [data-testid="stSidebarContent"] {{ background: {PANEL}; }}

  :is(a, button, [role="button"], [role="tab"], [role="option"], summary, canvas):focus-visible {{
    outline: 3px solid {ACCENT} !important; outline-offset: 2px; box-shadow: none !important; }}
  @media (max-width: 640px) {{
    .obs-reseau {{ display: none; }}
    [class*="st-key-obs_choroplethe_"] {{ height: 82vw !important; flex: none !important; overflow: hidden; }}
    [class*="st-key-obs_choroplethe_"] > div {{ margin-top: calc((82vw - 520px) / 2); }}
    .stMainBlockContainer {{ padding: 4.2rem 1rem 2rem; }}
    dl.obs-chiffres, dl.obs-chiffres[data-nombre="3"] {{
      grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .6rem; }}
    dl.obs-chiffres > div:only-child {{ grid-column: 1 / -1; }}
    ul.obs-cartes, ul.obs-portes {{ grid-template-columns: minmax(0, 1fr); gap: .6rem; }}
    dl.obs-faits > div {{ grid-template-columns: minmax(0, 1fr); gap: 0; }}
    dl.obs-chiffres > div {{ padding: .6rem .7rem; }}
    dl.obs-chiffres dd.obs-valeur {{ font-size: 22px; }}
    .stColumn:has(> .stVerticalBlock:empty) {{ display: none; }}
    [class*="st-key-saisie_suivant_"] {{ position: sticky; bottom: 0; z-index: 5; padding: .5rem 0;
      width: 100% !important; background: {WHITE}; }}
    .stMain:has([class*="st-key-saisie_suivant_"]) {{ scroll-padding-bottom: 4rem; }}
    table.obs-lignes, table.obs-lignes tbody {{ display: block; }}
    table.obs-lignes thead {{ display: none; }}
    table.obs-lignes tr {{ display: block; border-bottom: 1px solid {LINE}; padding: .55rem 0; }}
    table.obs-lignes th {{ display: block; }}
    table.obs-lignes td {{ display: inline-block; }}
    table.obs-lignes :is(th, td) {{ border: 0; padding: .1rem 1rem .1rem 0; white-space: normal; }}
    table.obs-lignes tbody th {{ font-weight: 600; }}
    table.obs-lignes td:empty {{ display: none; }}
    table.obs-lignes td[data-titre]::before {{ content: attr(data-titre) "\\00a0: "; color: {SECONDARY}; }}
  }}
  @media (prefers-reduced-motion: reduce) {{ * {{ animation: none !important; transition: none !important; }} }}
  @media print {{ .stSidebar, header, .st-key-obs_actions {{ display: none !important; }} }}
</style>
"""


def apply() -> None:
    """Add the rules to the page; called once a run, by the portal."""
    st.html(CSS)
