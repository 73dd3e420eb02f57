"""The three official layouts: header label -> column of ours, and how a header line is recognised.

A file is known by its header line, never by its name nor by the position of its columns. Labels are compared
without accents, case, punctuation or repeated spaces: small changes of spelling do not matter.

Source of the labels: Agence du Numérique en Santé, extractions en libre accès, headers of 2021 to 2026.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lake.catalog.annuaire import ACTIVITES, DIPLOMES, SAVOIR_FAIRE
from lake.contract import Table
from lake.errors import ContractError
from lake.text import words

SEPARATOR = "|"
_SMALL_WORDS = frozenset({"d", "de", "du", "des", "l", "la", "le", "les"})
_PERSONAL = re.compile(
    r"naissance|\bsexe\b|\bcorrespondance\b|^nom de famille|^prenoms?$|\bautres identifiants\b"
)
_RECOGNISED = 0.3  # share of labels in common under which a header is not one of ours


class UnknownHeader(ContractError):
    """A header that is not one of the three official ones."""


@dataclass(frozen=True)
class Column:
    """One official column.

    Attributes:
        label: the official header label (2026 spelling).
        name: our column name.
        required: without it the file is refused; otherwise its absence gives nulls and a warning.
        aliases: other spellings met.
    """

    label: str
    name: str
    required: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """One of the three official files.

    Attributes:
        kind: ``activites``, ``diplomes`` or ``savoir_faire``.
        title: how messages name the file, in French.
        table: the table it feeds.
        columns: its columns, in the order of the 2026 header.
    """

    kind: str
    title: str
    table: Table
    columns: tuple[Column, ...]

    def by_label(self) -> dict[str, Column]:
        """Columns by label key, aliases included."""
        return {key(label): column for column in self.columns for label in (column.label, *column.aliases)}


@dataclass(frozen=True)
class Header:
    """A header line, understood.

    Attributes:
        layout: the layout recognised.
        fields: fields of a line, the trailing empty one included: a line with another number is malformed.
        positions: our column name -> index of its field.
        warnings: French remarks (optional column absent, unknown column left out).
    """

    layout: Layout
    fields: int
    positions: dict[str, int]
    warnings: tuple[str, ...] = field(default=())

    @property
    def separator(self) -> int:
        """The separator, as a byte."""
        return ord(SEPARATOR)


def _columns(text: str, required: Sequence[str]) -> tuple[Column, ...]:
    """Columns from lines ``label > name``; ``required`` lists names."""
    pairs = [line.split(" > ") for line in text.strip().splitlines()]
    return tuple(
        Column(
            label=label.strip(),
            name=name.strip(),
            required=name.strip() in required,
            aliases=_ALIASES.get(name.strip(), ()),
        )
        for label, name in pairs
    )


_ALIASES = {
    "code_departement_structure": ("Code Département (coord. structure)",),
    "libelle_departement_structure": ("Libellé Département (coord. structure)",),
    "ancien_identifiant_structure": ("Ancien identifiant de la structure (coord. structure)",),
}

_IDENTITY = (
    "type_identifiant_pp",
    "identifiant_pp",
    "identification_nationale_pp",
)

ACTIVITES_LAYOUT = Layout(
    kind="activites",
    title="Personne_activite (activités)",
    table=ACTIVITES,
    columns=_columns(
        """
        Type d'identifiant PP > type_identifiant_pp
        Identifiant PP > identifiant_pp
        Identification nationale PP > identification_nationale_pp
        Code civilité d'exercice > code_civilite_exercice
        Libellé civilité d'exercice > libelle_civilite_exercice
        Code civilité > code_civilite
        Libellé civilité > libelle_civilite
        Nom d'exercice > nom_exercice
        Prénom d'exercice > prenom_exercice
        Code profession > code_profession
        Libellé profession > libelle_profession
        Code catégorie professionnelle > code_categorie_professionnelle
        Libellé catégorie professionnelle > libelle_categorie_professionnelle
        Code type savoir-faire > code_type_savoir_faire
        Libellé type savoir-faire > libelle_type_savoir_faire
        Code savoir-faire > code_savoir_faire
        Libellé savoir-faire > libelle_savoir_faire
        Code mode exercice > code_mode_exercice
        Libellé mode exercice > libelle_mode_exercice
        Numéro SIRET site > siret_site
        Numéro SIREN site > siren_site
        Numéro FINESS site > finess_site
        Numéro FINESS établissement juridique > finess_etablissement_juridique
        Identifiant technique de la structure > identifiant_structure
        Raison sociale site > raison_sociale_site
        Enseigne commerciale site > enseigne_commerciale_site
        Complément destinataire (coord. structure) > complement_destinataire
        Complément point géographique (coord. structure) > complement_point_geographique
        Numéro Voie (coord. structure) > numero_voie
        Indice répétition voie (coord. structure) > indice_repetition_voie
        Code type de voie (coord. structure) > code_type_voie
        Libellé type de voie (coord. structure) > libelle_type_voie
        Libellé Voie (coord. structure) > libelle_voie
        Mention distribution (coord. structure) > mention_distribution
        Bureau cedex (coord. structure) > bureau_cedex
        Code postal (coord. structure) > code_postal
        Code commune (coord. structure) > code_commune_source
        Libellé commune (coord. structure) > libelle_commune_source
        Code pays (coord. structure) > code_pays
        Libellé pays (coord. structure) > libelle_pays
        Téléphone (coord. structure) > telephone
        Téléphone 2 (coord. structure) > telephone_2
        Télécopie (coord. structure) > telecopie
        Adresse e-mail (coord. structure) > email
        Code Département (structure) > code_departement_structure
        Libellé Département (structure) > libelle_departement_structure
        Ancien identifiant de la structure > ancien_identifiant_structure
        Autorité d'enregistrement > autorite_enregistrement
        Code secteur d'activité > code_secteur_activite
        Libellé secteur d'activité > libelle_secteur_activite
        Code section tableau pharmaciens > code_section_pharmaciens
        Libellé section tableau pharmaciens > libelle_section_pharmaciens
        Code rôle > code_role
        Libellé rôle > libelle_role
        Code genre activité > code_genre_activite
        Libellé genre activité > libelle_genre_activite
        """,
        required=(
            *_IDENTITY,
            "nom_exercice",
            "prenom_exercice",
            "code_profession",
            "code_postal",
            "code_commune_source",
        ),
    ),
)

DIPLOMES_LAYOUT = Layout(
    kind="diplomes",
    title="Dipl_AutExerc (diplômes et autorisations)",
    table=DIPLOMES,
    columns=_columns(
        """
        Type d'identifiant PP > type_identifiant_pp
        Identifiant PP > identifiant_pp
        Identification nationale PP > identification_nationale_pp
        Nom d'exercice > nom_exercice
        Prénom d'exercice > prenom_exercice
        Code type diplôme obtenu > code_type_diplome
        Libellé type diplôme obtenu > libelle_type_diplome
        Code diplôme obtenu > code_diplome
        Libellé diplôme obtenu > libelle_diplome
        Code type autorisation > code_type_autorisation
        Libellé type autorisation > libelle_type_autorisation
        Code discipline autorisation > code_discipline_autorisation
        Libellé discipline autorisation > libelle_discipline_autorisation
        """,
        required=(*_IDENTITY, "code_diplome"),
    ),
)

SAVOIR_FAIRE_LAYOUT = Layout(
    kind="savoir_faire",
    title="SavoirFaire (savoir-faire)",
    table=SAVOIR_FAIRE,
    columns=_columns(
        """
        Type d'identifiant PP > type_identifiant_pp
        Identifiant PP > identifiant_pp
        Identification nationale PP > identification_nationale_pp
        Nom d'exercice > nom_exercice
        Prénom d'exercice > prenom_exercice
        Code profession > code_profession
        Libellé profession > libelle_profession
        Code catégorie professionnelle > code_categorie_professionnelle
        Libellé catégorie professionnelle > libelle_categorie_professionnelle
        Code type savoir-faire > code_type_savoir_faire
        Libellé type savoir-faire > libelle_type_savoir_faire
        Code savoir-faire > code_savoir_faire
        Libellé savoir-faire > libelle_savoir_faire
        """,
        required=(*_IDENTITY, "code_profession", "code_savoir_faire"),
    ),
)

LAYOUTS = (ACTIVITES_LAYOUT, DIPLOMES_LAYOUT, SAVOIR_FAIRE_LAYOUT)


def key(label: str) -> str:
    """A label without accents, case, punctuation or small words (« Code genre d'activité »: code genre activite)."""
    return " ".join(word for word in words(label).split() if word not in _SMALL_WORDS)


def is_personal(label: str) -> bool:
    """Whether a column holds what an observatory has no use for: birth, sex, private addresses, civil names.

    The open extractions have none; extractions for other uses (Pro Santé Connect) do. Such columns are neither read
    nor archived.
    """
    return _PERSONAL.search(words(label)) is not None


def recognise(labels: Sequence[str]) -> Layout | None:
    """The layout that a header's labels resemble most, or None when they resemble none.

    Resemblance is the share of labels in common (Jaccard index): the labels of SavoirFaire are all in
    Personne_activite too, so counting the known ones would not tell the two apart.
    """
    seen = {key(label) for label in labels if label.strip()}
    if {key(column.label) for column in ACTIVITES_LAYOUT.columns if column.required} <= seen:
        return ACTIVITES_LAYOUT  # whatever else an extraction made for another use holds or lacks
    best, best_share = None, _RECOGNISED
    for layout in LAYOUTS:
        known = {key(column.label) for column in layout.columns}
        alias = {key(a): key(c.label) for c in layout.columns for a in c.aliases}
        mine = {alias.get(label, label) for label in seen}
        share = len(mine & known) / len(mine | known)
        if share >= best_share:
            best, best_share = layout, share
    return best


def read_header(line: str, *, name: str) -> Header:
    """Understand a header line.

    Args:
        line: the first line of the file, without its end of line nor byte-order mark.
        name: file name, for messages.

    Raises:
        UnknownHeader: not one of the three official headers.
        ContractError: a required column is missing, or a column is there twice.
    """
    labels = line.split(SEPARATOR)
    fields = len(labels)
    if labels and not labels[-1].strip():
        labels = labels[:-1]
    layout = recognise(labels)
    if layout is None:
        raise UnknownHeader(
            f"{name} : l'en-tête n'est celui d'aucun des trois fichiers de l'Annuaire Santé"
            f" (début lu : « {_printable(line[:80])} »).",
            conseil="Attendus : Personne_activite, Dipl_AutExerc ou SavoirFaire de l'ANS, séparateur « | ».",
        )
    known = layout.by_label()
    positions: dict[str, int] = {}
    unknown: list[str] = []
    personal: list[str] = []
    for index, label in enumerate(labels):
        column = known.get(key(label))
        if column is None:
            (personal if is_personal(label) else unknown).append(label.strip())
        elif column.name in positions:
            raise ContractError(f"{name} : la colonne « {column.label} » est deux fois dans l'en-tête.")
        else:
            positions[column.name] = index
    absent = [column for column in layout.columns if column.name not in positions]
    missing = [column.label for column in absent if column.required]
    if missing:
        named = ", ".join(f"« {label} »" for label in missing)
        raise ContractError(
            f"{name} : colonne obligatoire absente : {named}."
            if len(missing) == 1
            else f"{name} : colonnes obligatoires absentes : {named}.",
            conseil=f"Vérifiez que le fichier est bien {layout.title}, tel que l'ANS le publie.",
        )
    warnings = [f"{name} : colonne facultative absente, laissée vide : « {c.label} »." for c in absent]
    warnings += [f"{name} : colonne inconnue, ignorée : « {label} »." for label in unknown]
    if personal:
        listed = ", ".join(f"« {label} »" for label in personal)
        warnings.append(f"{name} : données personnelles ni lues ni archivées : {listed}.")
    return Header(layout=layout, fields=fields, positions=positions, warnings=tuple(warnings))


def _printable(text: str) -> str:
    """A piece of an unknown file, without what would spoil a terminal."""
    return "".join(sign if sign.isprintable() else "�" for sign in text)
