"""Named thresholds and the score of a match: every figure that decides, in one place.

A score is a product of components, each between 0 and 1, so that any doubt lowers it and none hides another:

``score = s_precision × s_voie × s_numero × s_commune × s_lecture × s_ambiguite``

1 means: everything that was asked was found as it was asked, in the commune that was asked.
"""

from __future__ import annotations

from dataclasses import dataclass

COMPONENTS = ("s_precision", "s_voie", "s_numero", "s_commune", "s_lecture", "s_ambiguite")


@dataclass(frozen=True)
class Thresholds:
    """The matcher's constants.

    Attributes:
        rue_demandee: ``s_precision`` of a street when no number was asked.
        rue_par_defaut: ``s_precision`` of a street when the number asked is not one of the street's.
        lieu_dit: ``s_precision`` of a named place.
        autres_espaces: ``s_voie`` when the names agree but for their spaces ("MONT GRIFFON", "MONTGRIFFON").
        sans_type: ``s_voie`` when the names agree and one side has no kind of way.
        autre_type: ``s_voie`` when the names agree and the kinds of way differ.
        faute: how much of ``s_voie`` each typing error takes, over the length of the name.
        mots_inverses: ``s_voie`` when the words agree in another order.
        sans_titre: ``s_voie`` when the names agree but for titles and first names.
        abregee: ``s_voie`` when words are shortened in a way that no table knows.
        tronquee: ``s_voie`` when a name stops before its particle; the number must bear it out.
        voie_minimale: ``s_voie`` below which an approximate name is another street.
        voie_avec_numero: the same when the number asked is one of the street's: it is evidence too.
        voie_sans_numero: ``s_voie`` below which an approximate name is not believed when the number asked is
            not one of the street's.
        marge: streets whose ``s_voie`` is that close cannot be told apart by it.
        marge_ressemblance: nor by the resemblance of their names (Jaro-Winkler) when that is this close.
        autre_repetition: ``s_numero`` of "12 bis" found for "12", and the reverse.
        fin_de_plage: ``s_numero`` when only the last number of a range was found.
        par_code_postal: ``s_commune`` when the commune was unknown and the postal code was used.
        autre_code_postal: ``s_commune`` when the address found has another postal code than the one asked.
        lecture: ``s_lecture`` of readings other than the plain one.
        ambigue: ``s_ambiguite`` when equally good candidates are far apart.
        distance_ambigue_m: candidates further apart than this, in metres, are different places.
        fautes_sures: lengths from which a name may hold one, two, three… typing errors by itself: short names
            are too close to one another.
        fautes_avec_numero: the same when the number asked is one of the street's.
        fautes_commune: the same for a commune's label among the communes of its postal code.
        incertitude_numero_km: how far from its point an address found at its number may be.
        incertitude_rue_km: the least that is said of a street or a named place.
        incertitude_commune_km: what is said of a commune none of whose addresses is known.
        libelle_partiel: letters that a label of one word must have to be the beginning of a commune's name.
        libelle_coupe: letters that a label cut within a word must have, among the communes of its postal code.
        libelle_coupe_departement: the same among the communes of the department.
        fautes_commune_departement: the same among the communes of the department, where more names look alike.
    """

    rue_demandee: float = 0.8
    rue_par_defaut: float = 0.7
    lieu_dit: float = 0.6
    autres_espaces: float = 0.99
    sans_type: float = 0.9
    autre_type: float = 0.85
    faute: float = 1.2
    mots_inverses: float = 0.95
    sans_titre: float = 0.86
    abregee: float = 0.88
    tronquee: float = 0.8
    voie_minimale: float = 0.7
    voie_avec_numero: float = 0.45
    voie_sans_numero: float = 0.84
    marge: float = 0.04
    marge_ressemblance: float = 0.01
    autre_repetition: float = 0.9
    fin_de_plage: float = 0.95
    par_code_postal: float = 0.9
    autre_code_postal: float = 0.97
    lecture: float = 0.95
    ambigue: float = 0.5
    distance_ambigue_m: float = 500.0
    fautes_sures: tuple[int, ...] = (5, 8, 14)
    fautes_avec_numero: tuple[int, ...] = (3, 4, 7, 12)
    fautes_commune: tuple[int, ...] = (3, 6, 10)
    fautes_commune_departement: tuple[int, ...] = (7, 12)
    incertitude_numero_km: float = 0.05
    incertitude_rue_km: float = 0.1
    incertitude_commune_km: float = 5.0
    libelle_partiel: int = 5
    libelle_coupe: int = 6
    libelle_coupe_departement: int = 10


THRESHOLDS = Thresholds()
