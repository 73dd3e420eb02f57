"""Addresses by kind of difficulty, over one town laid by hand: what each must be found at.

A town is a list of addresses as the Base Adresse Nationale writes them ("12bis Rue de la Gare"); each has a point of
its own, 1.5 km from the next, so that no answer is right by chance. Cases are written ``columns -> answer``:
``n`` number, ``i`` index, ``t`` kind of way, ``l`` street, ``c`` complement, ``m`` distribution mention, ``d``
addressee, ``v`` commune; the answer is a precision and the town's row, or a precision alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.unit.geocode_world import address

_COLUMNS = {
    "n": "numero_voie",
    "i": "indice_repetition_voie",
    "t": "libelle_type_voie",
    "l": "libelle_voie",
    "c": "complement_point_geographique",
    "m": "mention_distribution",
    "d": "complement_destinataire",
    "v": "libelle_commune_source",
}
_HERE = ("67000", "67482", "Strasbourg", None, None)


def town(text: str) -> list[tuple[object, ...]]:
    """Rows of a BAN from lines ``number[ index] street [@ hamlet]``; a dash stands for no number."""
    rows: list[tuple[object, ...]] = []
    for place, line in enumerate(text.strip().splitlines()):
        street, _, hamlet = line.strip().partition(" @ ")
        house, _, name = street.partition(" ")
        number, index = re.match(r"([0-9]*)(.*)", house).groups()  # type: ignore[union-attr]
        number, index = number or None, index.strip("-").replace("_", " ") or None
        rows.append((number, index, name, hamlet or None, _HERE, 5.0 + place * 0.02, 48.0 + place % 7 * 0.02))
    return rows


def point(rows: list[tuple[object, ...]], line: str) -> tuple[object, object]:
    """The point of a row of a town, as it is written there."""
    wanted = town(line)[0][:4]
    return next((row[5], row[6]) for row in rows if row[:4] == wanted)


def case(text: str) -> tuple[str, Mapping[str, str | None], str, str]:
    """A case: its text, the address, the precision expected, the row expected (empty: any of the street's)."""
    columns, _, answer = text.partition(" -> ")
    fields = dict(part.split("=", 1) for part in columns.split(" ; "))
    precision, _, row = answer.partition(" ")
    return text, address(**{_COLUMNS[key]: value for key, value in fields.items()}), precision, row.strip()


TOWN = town(
    """
    39 Rue de Beaulieu
    374 Rue de Beaulieu
    10 Rue de Beaulieu
    4 Rue de Beaulieu
    2 Rue de Beaulieu
    12 Rue de Beaulieu
    - Rue Sans Numéro
    8 Rue du 20 Janvier
    8 Rue du 21 Janvier
    8 Rue du 30 Août
    8 Rue du 31 Août
    8 Rue du 1er Septembre
    8 Rue du 2 Septembre
    5 Rue du 8 Mai 1945
    45 Rue du 8 Mai 1945
    12 Rue du 8 Mai 1945
    6 Rue du 11 Novembre 1918
    7 Rue du 152e Régiment d'Infanterie
    7 Rue du 15e Régiment d'Infanterie
    3 Avenue de la 2e Division Blindée
    9 Rue Jean XXIII
    23 Rue Jean Moulin
    4 Rue Henri IV
    14 Place Louis XIV
    6 Rue du Pont Neuf
    9 Rue du Pont
    3 Rue des Trois Rois
    13 Rue des Rois
    97 Rue des Quatre-Vents
    80 Rue des Vents
    2 Boulevard du Général Leclerc
    2 Rue du Maréchal Leclerc
    15 Rue du Commandant Charcot
    16 Rue du Capitaine Alfred Dreyfus
    17 Rue Monseigneur Raess
    18 Quai Abbé Grégoire
    19 Rue Notre-Dame de Lourdes
    21 Rue du Faubourg de Pierre
    22 Rue du Petit Rhin
    23 Place de la Porte Haute
    24 Rue de la Fontaine aux Chats
    25 Rue du Docteur Albert Schweitzer
    26 Rue Pierre et Marie Curie
    27 Allée du Château d'Eau
    28 Impasse de l'Étang
    29 Rue d'En Haut
    11 Rue de l'Hôpital
    31 Rue de la Tour
    32 Route Nationale 4
    4 Route Nationale
    33 Rue du Président John Fitzgerald Kennedy
    34 Rue du Professeur Émile Roux
    35 Rue Sainte-Odile
    36 Rue de la République
    37 Rond-Point de l'Europe
    38 Zone Artisanale du Moulin
    40 Centre Commercial Rivetoile
    41 Lotissement Les Vergers
    42 Résidence du Parc
    43 Grande Rue
    44 Place de l'Église
    - Ferme du Ried
    - Hameau de la Verrerie
    12 Rue Neuve
    14 Rue Neuve
    5 Route de Poilly @ Bleury
    5 Route de Poilly @ Auvergne
    30b Rue de Pontoise
    30bis Rue de Pontoise
    30ter Rue de Pontoise
    31 Rue de Pontoise
    42a_bis Clos du Peillac
    42b_bis Clos du Peillac
    5a1 Clos du Peillac
    5a2 Clos du Peillac
    7quinquies Chemin Vert
    7sexies Chemin Vert
    103 Le Mont Griffon
    103 Rue Montgriffon
    5 Rue du Temple (Bleury)
    3 Chemin rural n°12 dit de la Fontaine
    14 Rue de Rome / Romstrasse
    15 Rue Saint-Marc
    15 Rue Saint-Marcel
    """
)

KINDS: dict[str, str] = {
    "boxes": """
        n=BP 374 ; t=Rue ; l=DE BEAULIEU -> rue Rue de Beaulieu
        n=B.P. 374 ; l=RUE DE BEAULIEU -> rue
        n=BP374 ; l=39 RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        n=CS 10 ; l=39 RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        n=CS 10 374 ; l=RUE DE BEAULIEU -> rue
        n=TSA 10002 ; l=39, rue de Beaulieu -> numero 39 Rue de Beaulieu
        n=CIDEX 4 ; t=RUE ; l=DE BEAULIEU -> rue
        n=Boîte postale 4 ; l=39 RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        n=BOITE 2 ; t=RUE ; l=DE BEAULIEU -> rue
        n=BAL 4 ; t=RUE ; l=DE BEAULIEU -> rue
        n=CASE POSTALE 10 ; t=RUE ; l=DE BEAULIEU -> rue
        n=39 ; i=BP 4 ; t=RUE ; l=DE BEAULIEU -> numero 39 Rue de Beaulieu
        l=BP 374 39 RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        l=39 RUE DE BEAULIEU BP 374 -> numero 39 Rue de Beaulieu
        l=39 RUE DE BEAULIEU - B.P. N° 374 -> numero 39 Rue de Beaulieu
        l=RUE DE BEAULIEU BP 10 -> rue
        l=RUE DE BEAULIEU CS 40 012 -> rue
        l=RUE DE BEAULIEU CS 40012 67000 STRASBOURG CEDEX -> rue
        l=C/O CABINET MARTIN 39 RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        l=39 RUE DE BEAULIEU CIDEX 2201 -> numero 39 Rue de Beaulieu
        l=39 RUE DE BEAULIEU 67000STRASBOURG -> numero 39 Rue de Beaulieu
        l=39 RUE DE BEAULIEU F-67000 STRASBOURG -> numero 39 Rue de Beaulieu
        l=39 RUE DE BEAULIEU 67 000 STRASBOURG -> numero 39 Rue de Beaulieu
        l=39 RUE DE BEAULIEU TSA 50 012 CEDEX 9 -> numero 39 Rue de Beaulieu
        l=39 RUE DE BEAULIEU ; m=BP 374 -> numero 39 Rue de Beaulieu
        l=RUE DE BEAULIEU ; m=CS 10 -> rue
        l=RUE DE BEAULIEU, BOITE N° 4 -> rue
        l=RUE DE BEAULIEU CASE 12 -> rue
        l=RUE DE BEAULIEU BAL N°12 -> rue
        n=N° 39 ; t=RUE ; l=DE BEAULIEU -> numero 39 Rue de Beaulieu
        l=N°39 RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        l=au 39 rue de Beaulieu -> numero 39 Rue de Beaulieu
        l=RUE DE BEAULIEU N° 39 -> numero 39 Rue de Beaulieu
        l=39 RUE DE BEAULIEU TEL 03 88 12 34 56 -> numero 39 Rue de Beaulieu
        n=39 ; l=RUE DE BEAULIEU BP 12 -> numero 39 Rue de Beaulieu
        l=B P 374 RUE DE BEAULIEU -> rue
        l=POSTE RESTANTE 39 RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        n=0 ; l=39 RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        n=. ; l=39 RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        n=39.0 ; l=RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        n=SN ; l=39 RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
    """,
    "units": """
        n=Bat 4 ; l=39 RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        n=LOT 2 ; t=Rue ; l=DE BEAULIEU -> rue
        n=LOT N°2 ; t=Rue ; l=DE BEAULIEU -> rue
        n=APT 10 ; l=39 RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        n=APPT 10 ; t=RUE ; l=DE BEAULIEU -> rue
        n=RES 4 ; l=39, RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        n=2EME ETAGE ; l=39 RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        n=ETAGE 2 ; t=RUE ; l=DE BEAULIEU -> rue
        n=KM 10 ; t=RUE ; l=DE BEAULIEU -> rue
        n=PK 4 ; t=RUE ; l=DE BEAULIEU -> rue
        n=ENTREE 2 ; t=RUE ; l=DE BEAULIEU -> rue
        n=PORTE 4 ; t=RUE ; l=DE BEAULIEU -> rue
        n=ESC 2 ; l=39 RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        n=TOUR 4 ; l=RUE DE BEAULIEU -> rue
        n=39 BAT 4 ; t=RUE ; l=DE BEAULIEU -> numero 39 Rue de Beaulieu
        n=39 ; i=BAT 4 ; t=RUE ; l=DE BEAULIEU -> numero 39 Rue de Beaulieu
        n=39 ; i=APT 12 ; t=RUE ; l=DE BEAULIEU -> numero 39 Rue de Beaulieu
        l=39 RUE DE BEAULIEU BAT 4 -> numero 39 Rue de Beaulieu
        l=BAT 4 39 RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        l=BATIMENT A 39 RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        l=RUE DE BEAULIEU BAT 4 -> rue
        l=RUE DE BEAULIEU APPT 12 -> rue
        l=RUE DE BEAULIEU LOT 10 -> rue
        l=RUE DE BEAULIEU 2EME ETAGE -> rue
        l=RUE DE BEAULIEU KM 4 -> rue
        l=RUE DE BEAULIEU PORTE N° 2 -> rue
        l=39 RUE DE BEAULIEU RDC -> numero 39 Rue de Beaulieu
        l=39 RUE DE BEAULIEU REZ DE CHAUSSEE -> numero 39 Rue de Beaulieu
        l=39 RUE DE BEAULIEU 1ER ETAGE GAUCHE -> numero 39 Rue de Beaulieu
        l=39 RUE DE BEAULIEU ETG 2 ESC B APT 10 -> numero 39 Rue de Beaulieu
        l=3EME ETAGE 39 RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        l=DEUXIEME ETAGE, 39 RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        l=31 RUE DE LA TOUR -> numero 31 Rue de la Tour
        l=RUE DE LA TOUR 31 -> numero 31 Rue de la Tour
        l=39 RUE DE BEAULIEU ; c=BAT 4 -> numero 39 Rue de Beaulieu
        l=RUE DE BEAULIEU ; c=APPT 12 -> rue
        l=RUE DE BEAULIEU ; c=BAT B ETAGE 2 PORTE 4 -> rue
        n=39 ; t=RUE ; l=DE BEAULIEU RESIDENCE 4 -> numero 39 Rue de Beaulieu
        l=39 RUE DE BEAULIEU BÂT. C2 -> numero 39 Rue de Beaulieu
        l=39 RUE DE BEAULIEU IMM. LE FORUM -> numero 39 Rue de Beaulieu
        l=42 RESIDENCE DU PARC -> numero 42 Résidence du Parc
        l=RES DU PARC 42 -> numero 42 Résidence du Parc
        l=41 LOT LES VERGERS -> numero 41 Lotissement Les Vergers
        l=LOTISSEMENT LES VERGERS LOT 4 -> rue
    """,
    "numerals": """
        n=8 ; l=RUE DU VINGT ET UN JANVIER -> numero 8 Rue du 21 Janvier
        n=8 ; l=RUE DU VINGT JANVIER -> numero 8 Rue du 20 Janvier
        n=8 ; l=RUE DU XXI JANVIER -> numero 8 Rue du 21 Janvier
        n=8 ; l=RUE DU 21EME JANVIER -> numero 8 Rue du 21 Janvier
        n=8 ; l=RUE DU TRENTE-ET-UN AOUT -> numero 8 Rue du 31 Août
        n=8 ; l=RUE DU TRENTE AOÛT -> numero 8 Rue du 30 Août
        n=8 ; l=RUE DU PREMIER SEPTEMBRE -> numero 8 Rue du 1er Septembre
        n=8 ; l=RUE DU 1 SEPTEMBRE -> numero 8 Rue du 1er Septembre
        n=8 ; l=RUE DU DEUX SEPTEMBRE -> numero 8 Rue du 2 Septembre
        n=8 ; l=RUE DU VINGT-DEUX JANVIER -> commune
        n=8 ; l=RUE DU VINGT ET UNIEME JANVIER -> numero 8 Rue du 21 Janvier
        n=5 ; l=RUE DU HUIT MAI MILLE NEUF CENT QUARANTE CINQ -> numero 5 Rue du 8 Mai 1945
        n=5 ; l=RUE DU HUIT MAI 1945 -> numero 5 Rue du 8 Mai 1945
        n=5 ; l=RUE DU 8 MAI -> numero 5 Rue du 8 Mai 1945
        n=5 ; l=RUE DU 8 MAI 45 -> numero 5 Rue du 8 Mai 1945
        n=5 ; l=RUE DU HUIT MAI -> numero 5 Rue du 8 Mai 1945
        n=5 ; l=RUE DU 8-MAI-1945 -> numero 5 Rue du 8 Mai 1945
        l=RUE DU 8 MAI 1945 -> rue
        l=RUE DU 8 MAI 45 -> rue
        l=RUE DU 8 MAI 1945 12 -> numero 12 Rue du 8 Mai 1945
        l=8 MAI 1945 -> rue
        n=5 ; l=8 MAI 1945 -> numero 5 Rue du 8 Mai 1945
        n=6 ; l=RUE DU ONZE NOVEMBRE -> numero 6 Rue du 11 Novembre 1918
        n=6 ; l=RUE DU 11 NOV 1918 -> numero 6 Rue du 11 Novembre 1918
        n=6 ; l=R DU 11 NOVEMBRE 18 -> numero 6 Rue du 11 Novembre 1918
        n=6 ; l=RUE DU 11 NOVEMBRE 1944 -> commune
        n=7 ; l=RUE DU 152E RI -> numero 7 Rue du 152e Régiment d'Infanterie
        n=7 ; l=RUE DU CENT CINQUANTE DEUXIEME RI -> numero 7 Rue du 152e Régiment d'Infanterie
        n=7 ; l=RUE DU 152EME R.I. -> numero 7 Rue du 152e Régiment d'Infanterie
        n=7 ; l=RUE DU 152 REGT D INFANTERIE -> numero 7 Rue du 152e Régiment d'Infanterie
        n=7 ; l=RUE DU QUINZIEME REGIMENT D'INFANTERIE -> numero 7 Rue du 15e Régiment d'Infanterie
        n=3 ; l=AV DE LA DEUXIEME DB -> numero 3 Avenue de la 2e Division Blindée
        n=3 ; l=AVENUE DE LA 2EME D.B. -> numero 3 Avenue de la 2e Division Blindée
        n=3 ; l=AVENUE 2 DB -> numero 3 Avenue de la 2e Division Blindée
        n=3 ; l=AVENUE DE LA IIE DIVISION BLINDEE -> numero 3 Avenue de la 2e Division Blindée
        n=9 ; l=RUE JEAN 23 -> numero 9 Rue Jean XXIII
        n=9 ; l=RUE JEAN VINGT TROIS -> numero 9 Rue Jean XXIII
        l=RUE JEAN 23 -> rue
        n=4 ; l=RUE HENRI QUATRE -> numero 4 Rue Henri IV
        n=4 ; l=RUE HENRI 4 -> numero 4 Rue Henri IV
        l=RUE HENRI 4 -> rue
        n=14 ; l=PL LOUIS QUATORZE -> numero 14 Place Louis XIV
        n=14 ; l=PLACE LOUIS XV -> commune
        n=6 ; l=RUE DU PONT NEUF -> numero 6 Rue du Pont Neuf
        l=RUE DU PONT NEUF -> rue
        n=3 ; l=RUE DES 3 ROIS -> numero 3 Rue des Trois Rois
        l=RUE DES TROIS ROIS -> rue
        l=3 ROIS -> rue
        n=97 ; l=RUE DES 4 VENTS -> numero 97 Rue des Quatre-Vents
        l=QUATRE VINGT DIX SEPT RUE DES QUATRE VENTS -> numero 97 Rue des Quatre-Vents
        l=DOUZE RUE DE BEAULIEU -> numero 12 Rue de Beaulieu
        l=TRENTE NEUF, RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        n=TRENTE-NEUF ; l=RUE DE BEAULIEU -> numero 39 Rue de Beaulieu
        l=RN 4 -> rue
        n=32 ; l=RN4 -> numero 32 Route Nationale 4
        l=32 ROUTE NATIONALE 4 -> numero 32 Route Nationale 4
        n=32 ; l=RTE NATIONALE N°4 -> numero 32 Route Nationale 4
    """,
    "indices": """
        n=30 ; i=B ; l=RUE DE PONTOISE -> numero 30b Rue de Pontoise
        n=30 ; i=BIS ; l=RUE DE PONTOISE -> numero 30bis Rue de Pontoise
        n=30BIS ; l=RUE DE PONTOISE -> numero 30bis Rue de Pontoise
        n=30B ; l=RUE DE PONTOISE -> numero 30b Rue de Pontoise
        l=30 BIS RUE DE PONTOISE -> numero 30bis Rue de Pontoise
        l=30 B RUE DE PONTOISE -> numero 30b Rue de Pontoise
        l=30B, RUE DE PONTOISE -> numero 30b Rue de Pontoise
        l=30-bis rue de Pontoise -> numero 30bis Rue de Pontoise
        l=30 T RUE DE PONTOISE -> numero 30ter Rue de Pontoise
        n=30 ; i=T ; l=RUE DE PONTOISE -> numero 30ter Rue de Pontoise
        n=30 ; i=QUATER ; l=RUE DE PONTOISE -> rue
        n=30 ; i=C ; l=RUE DE PONTOISE -> rue
        n=31 ; i=BIS ; l=RUE DE PONTOISE -> numero 31 Rue de Pontoise
        n=42 ; i=A BIS ; l=CLOS DU PEILLAC -> numero 42a_bis Clos du Peillac
        n=42ABIS ; l=CLOS DU PEILLAC -> numero 42a_bis Clos du Peillac
        l=42 B BIS CLOS DU PEILLAC -> numero 42b_bis Clos du Peillac
        n=5 ; i=A1 ; l=CLOS DU PEILLAC -> numero 5a1 Clos du Peillac
        n=5A2 ; l=CLOS DU PEILLAC -> numero 5a2 Clos du Peillac
        l=5 A2 CLOS DU PEILLAC -> numero 5a2 Clos du Peillac
        n=5 ; i=A3 ; l=CLOS DU PEILLAC -> rue
        n=7 ; i=SEXIES ; l=CHEMIN VERT -> numero 7sexies Chemin Vert
        n=7 QUINQUIES ; l=CHEMIN VERT -> numero 7quinquies Chemin Vert
        l=7 SEXIES CHE VERT -> numero 7sexies Chemin Vert
        n=7 ; i=SEPTIES ; l=CHEMIN VERT -> rue
        l=30/B RUE DE PONTOISE -> numero 30b Rue de Pontoise
        n=30 ; i=b ; l=RUE DE PONTOISE -> numero 30b Rue de Pontoise
        l=RUE DE PONTOISE 30 BIS -> numero 30bis Rue de Pontoise
        l=RUE DE PONTOISE, 30 ter -> numero 30ter Rue de Pontoise
    """,
    "hamlets": """
        n=5 ; l=ROUTE DE POILLY ; c=AUVERGNE -> numero 5 Route de Poilly @ Auvergne
        n=5 ; l=ROUTE DE POILLY ; m=BLEURY -> numero 5 Route de Poilly @ Bleury
        n=5 ; l=ROUTE DE POILLY ; c=Hameau d'Auvergne -> numero 5 Route de Poilly @ Auvergne
        n=5 ; l=ROUTE DE POILLY ; d=BLEURY -> numero 5 Route de Poilly @ Bleury
        n=5 ; l=ROUTE DE POILLY -> rue
        l=5 ROUTE DE POILLY AUVERGNE -> numero 5 Route de Poilly @ Auvergne
        l=5 ROUTE DE POILLY (AUVERGNE) -> numero 5 Route de Poilly @ Auvergne
        l=5 ROUTE DE POILLY, BLEURY -> numero 5 Route de Poilly @ Bleury
        l=AUVERGNE - 5 ROUTE DE POILLY -> numero 5 Route de Poilly @ Auvergne
        l=5 RTE DE POILLY LIEU DIT AUVERGNE -> numero 5 Route de Poilly @ Auvergne
        l=BLEURY 5 ROUTE DE POILLY -> numero 5 Route de Poilly @ Bleury
        n=103 ; t=Rue ; l=DU MONT GRIFFON -> numero 103 Rue Montgriffon
        n=103 ; l=MONT GRIFFON -> numero 103 Le Mont Griffon
        n=103 ; l=LE MONTGRIFFON -> numero 103 Le Mont Griffon
        n=5 ; l=RUE DU TEMPLE -> numero 5 Rue du Temple (Bleury)
        n=3 ; l=CHEMIN DE LA FONTAINE -> numero 3 Chemin rural n°12 dit de la Fontaine
        n=3 ; l=CHEMIN RURAL N°12 -> numero 3 Chemin rural n°12 dit de la Fontaine
        n=3 ; l=CHE RURAL DIT DE LA FONTAINE -> numero 3 Chemin rural n°12 dit de la Fontaine
        n=14 ; l=ROMSTRASSE -> numero 14 Rue de Rome / Romstrasse
        n=14 ; l=RUE DE ROME -> numero 14 Rue de Rome / Romstrasse
        l=LA VERRERIE -> lieu_dit - Hameau de la Verrerie
        l=LIEU DIT LA VERRERIE -> lieu_dit - Hameau de la Verrerie
        l=HAM DE LA VERRERIE -> lieu_dit - Hameau de la Verrerie
        l=FERME DU RIED -> lieu_dit - Ferme du Ried
        c=LA VERRERIE -> lieu_dit - Hameau de la Verrerie
    """,
    "words": """
        n=2 ; l=BD DU GAL LECLERC -> numero 2 Boulevard du Général Leclerc
        n=2 ; l=BLD GEN. LECLERC -> numero 2 Boulevard du Général Leclerc
        n=2 ; l=RUE MAL LECLERC -> numero 2 Rue du Maréchal Leclerc
        n=2 ; l=RUE DU GENERAL LECLERC -> numero 2 Boulevard du Général Leclerc
        n=15 ; l=RUE CDT CHARCOT -> numero 15 Rue du Commandant Charcot
        n=15 ; l=R. DU CMDT CHARCOT -> numero 15 Rue du Commandant Charcot
        n=15 ; l=RUE CHARCOT -> numero 15 Rue du Commandant Charcot
        n=16 ; l=RUE DU CPT DREYFUS -> numero 16 Rue du Capitaine Alfred Dreyfus
        n=16 ; l=RUE CNE A DREYFUS -> numero 16 Rue du Capitaine Alfred Dreyfus
        n=16 ; l=RUE ALFRED DREYFUS -> numero 16 Rue du Capitaine Alfred Dreyfus
        n=17 ; l=RUE MGR RAESS -> numero 17 Rue Monseigneur Raess
        n=18 ; l=QU ABBE GREGOIRE -> numero 18 Quai Abbé Grégoire
        n=18 ; l=QUAI DE L'ABBÉ GRÉGOIRE -> numero 18 Quai Abbé Grégoire
        n=19 ; l=RUE N D DE LOURDES -> numero 19 Rue Notre-Dame de Lourdes
        n=19 ; l=RUE ND DE LOURDES -> numero 19 Rue Notre-Dame de Lourdes
        n=19 ; l=RUE N.D. DE LOURDES -> numero 19 Rue Notre-Dame de Lourdes
        n=21 ; l=RUE DU FG DE PIERRE -> numero 21 Rue du Faubourg de Pierre
        n=21 ; l=RUE DU FBG DE PIERRE -> numero 21 Rue du Faubourg de Pierre
        n=22 ; l=RUE DU PT RHIN -> numero 22 Rue du Petit Rhin
        n=23 ; l=PL DE LA PTE HAUTE -> numero 23 Place de la Porte Haute
        n=23 ; l=PLACE PTE HTE -> numero 23 Place de la Porte Haute
        n=24 ; l=RUE DE LA FONT. AUX CHATS -> numero 24 Rue de la Fontaine aux Chats
        n=25 ; l=RUE DR A SCHWEITZER -> numero 25 Rue du Docteur Albert Schweitzer
        n=25 ; l=RUE SCHWEITZER -> numero 25 Rue du Docteur Albert Schweitzer
        n=26 ; l=RUE P ET M CURIE -> numero 26 Rue Pierre et Marie Curie
        n=26 ; l=RUE PIERRE & MARIE CURIE -> numero 26 Rue Pierre et Marie Curie
        n=26 ; l=RUE P. M. CURIE -> numero 26 Rue Pierre et Marie Curie
        n=27 ; l=ALL DU CHAT D EAU -> numero 27 Allée du Château d'Eau
        n=28 ; l=IMP L ETANG -> numero 28 Impasse de l'Étang
        n=28 ; l=IMPASSE DE L ETANG -> numero 28 Impasse de l'Étang
        n=29 ; l=RUE D EN HAUT -> numero 29 Rue d'En Haut
        n=33 ; l=RUE DU PDT KENNEDY -> numero 33 Rue du Président John Fitzgerald Kennedy
        n=33 ; l=RUE J F KENNEDY -> numero 33 Rue du Président John Fitzgerald Kennedy
        n=33 ; l=RUE J.F. KENNEDY -> numero 33 Rue du Président John Fitzgerald Kennedy
        n=33 ; l=RUE KENNEDY -> numero 33 Rue du Président John Fitzgerald Kennedy
        n=34 ; l=RUE DU PR ROUX -> numero 34 Rue du Professeur Émile Roux
        n=34 ; l=RUE DU PROF E ROUX -> numero 34 Rue du Professeur Émile Roux
        n=35 ; l=RUE STE ODILE -> numero 35 Rue Sainte-Odile
        n=36 ; l=RUE DE LA REP -> numero 36 Rue de la République
        n=36 ; l=RUE DE LA REPUB -> numero 36 Rue de la République
        n=37 ; l=RPT DE L EUROPE -> numero 37 Rond-Point de l'Europe
        n=37 ; l=RD PT EUROPE -> numero 37 Rond-Point de l'Europe
        n=38 ; l=ZA DU MOULIN -> numero 38 Zone Artisanale du Moulin
        n=38 ; l=Z.A. LE MOULIN -> numero 38 Zone Artisanale du Moulin
        n=38 ; l=ZI DU MOULIN -> numero 38 Zone Artisanale du Moulin
        n=40 ; l=CC RIVETOILE -> numero 40 Centre Commercial Rivetoile
        n=40 ; l=CTRE CCIAL RIVETOILE -> numero 40 Centre Commercial Rivetoile
        n=43 ; l=GDE RUE -> numero 43 Grande Rue
        n=43 ; l=GRAND'RUE -> numero 43 Grande Rue
        n=44 ; l=PL EGLISE -> numero 44 Place de l'Église
        n=15 ; l=RUE ST MARC -> numero 15 Rue Saint-Marc
        n=15 ; l=RUE ST MARCEL -> numero 15 Rue Saint-Marcel
        n=11 ; l=RUE DE L HOP -> numero 11 Rue de l'Hôpital
    """,
    "around": """
        l=12 RUE NEUVE CABINET MEDICAL -> numero 12 Rue Neuve
        l=CABINET MEDICAL 12 RUE NEUVE -> numero 12 Rue Neuve
        l=CABINET MEDICAL RUE NEUVE -> rue
        l=MAISON DE SANTE PLURIDISCIPLINAIRE, 12 RUE NEUVE -> numero 12 Rue Neuve
        l=12 RUE NEUVE - CENTRE HOSPITALIER -> numero 12 Rue Neuve
        l=12 RUE NEUVE "LE FICTIF" -> numero 12 Rue Neuve
        l=12 RUE NEUVE «LE FICTIF» -> numero 12 Rue Neuve
        l=12 RUE NEUVE (LE FICTIF) -> numero 12 Rue Neuve
        l=12 RUE NEUVE / LE FICTIF -> numero 12 Rue Neuve
        l=12 RUE NEUVE STRASBOURG -> numero 12 Rue Neuve
        l=12 RUE NEUVE ET 39 RUE DE BEAULIEU -> numero 12 Rue Neuve
        l=12 RUE NEUVE ANGLE RUE DE BEAULIEU -> numero 12 Rue Neuve
        l=12-14 RUE NEUVE -> numero 12 Rue Neuve
        l=12 ET 14 RUE NEUVE -> numero 12 Rue Neuve
        l=12 A 14 RUE NEUVE -> numero 12 Rue Neuve
        l=12, 14 RUE NEUVE -> numero 12 Rue Neuve
        n=12/14 ; l=RUE NEUVE -> numero 12 Rue Neuve
        n=12 ; l=12 RUE NEUVE -> numero 12 Rue Neuve
        n=12 RUE ; l=NEUVE -> numero 12 Rue Neuve
        n=12 RUE NEUVE -> numero 12 Rue Neuve
        l=RUE NEUVE, 12 -> numero 12 Rue Neuve
        l=RUE NEUVE 12 -> numero 12 Rue Neuve
        c=12 RUE NEUVE ; l=CENTRE HOSPITALIER -> numero 12 Rue Neuve
        c=12 RUE NEUVE ; l=ZAC DU MOULIN -> numero 12 Rue Neuve
        c=12 RUE NEUVE -> numero 12 Rue Neuve
        d=12 RUE NEUVE -> numero 12 Rue Neuve
        m=12 RUE NEUVE -> numero 12 Rue Neuve
        m=12, rue Neuve - BP 374 -> numero 12 Rue Neuve
        d=CABINET DU DR INVENTE ; c=RESIDENCE LES LILAS ; m=12 RUE NEUVE -> numero 12 Rue Neuve
        c=CABINET MEDICAL 12 RUE NEUVE ; l=MAISON MEDICALE -> numero 12 Rue Neuve
        n=12 ; c=RUE NEUVE ; l=MAISON MEDICALE -> numero 12 Rue Neuve
        n=12 ; c=RUE NEUVE -> numero 12 Rue Neuve
        n=12 ; m=RUE NEUVE -> numero 12 Rue Neuve
        n=12 ; d=RUE NEUVE -> numero 12 Rue Neuve
        c=RUE NEUVE ; l=MAISON MEDICALE -> rue
        n=39 ; l=RUE DE BEAULIEU ; c=12 RUE NEUVE -> numero 39 Rue de Beaulieu
        l=HOPITAL CIVIL 1ER ETAGE 12 RUE NEUVE BP 426 -> numero 12 Rue Neuve
        l=12 RUE NEUVE CHEZ MME DUPONT -> numero 12 Rue Neuve
        l=12 RUE NEUVE SELARL DES LILAS -> numero 12 Rue Neuve
        l=12 RUE NEUVE DR MARTIN -> numero 12 Rue Neuve
        l=12 RUE NEUVE 1ER -> numero 12 Rue Neuve
        l=12 RUE NEUVE RESIDENCE LES TILLEULS BAT C -> numero 12 Rue Neuve
        l=RESIDENCE LES TILLEULS 12 RUE NEUVE -> numero 12 Rue Neuve
        l=12 RUE NEUVE ZA DU MOULIN -> numero 12 Rue Neuve
        l=12 R NEUVE -> numero 12 Rue Neuve
        t=Rue ; l=12 NEUVE -> commune
        d=CABINET DU DR INVENTE -> commune
        c=BAT A -> commune
        l=11 RUE DE L HOPITAL -> numero 11 Rue de l'Hôpital
        l=CLINIQUE, 11 RUE DE L'HOPITAL -> numero 11 Rue de l'Hôpital
        l=RUE DE BEAULIEU DU NORD -> commune
        n=12 ; l=RUE NEUVE DU PORT -> commune
    """,
}  # fmt: skip

BOURG = town(
    """
    12 Rue du Sergent Blandan
    14 Place du 14 Juillet
    5 Rue de la 1ère Armée
    6 Rue des Frères Lumière
    7 Rue Sainte-Thérèse de l'Enfant-Jésus
    8 Avenue du Maréchal de Lattre de Tassigny
    9 Avenue de la Forêt Noire
    3 Rue du Vieux-Marché aux Poissons
    4 Quai Saint-Nicolas
    2 Rue Neuve
    12 Rue Neuve
    97 Rue Neuve
    21bis Rue Neuve
    12 Rue Haute
    1 Le Bourg
    12 Le Bourg
    - Mairie
    12 Zone Artisanale des Prés
    5 Rue Saint-Martin @ Saint-Pierre
    5 Rue Saint-Martin @ Les Ormes
    6 Route de Metz (RD 12)
    7 Chemin dit du Moulin
    8 Rue du Moulin dite Rue Basse
    9 Voie communale n°5 de Rosières à Dombasle
    10 C.R. n°7
    11 Impasse A
    12 Rue "Les Lilas"
    13 Grand Rue - Hauptstrasse
    14 LE PETIT BOIS / KLEINHOLZ
    15 R.D. 1083
    16 Rue Paul Verlaine
    17 Rue Jean-Jacques Rousseau
    18 Rue du Capitaine Fiegenschuh
    19 Rue de l'Abbé Stahl
    20 Rue Maître Eckhart
    21 Place des Vosges
    22 Boulevard de la Première Armée Française
    23 Rue du Vingt-Troisième RI
    24 Rue du Faubourg National
    25 Rue des Quatre Fils Aymon
    26 Avenue Georges V
    27 Rue Charles X
    28 Rue Pie XII
    29 Rue du 5 Décembre 1914
    30 Rue du 5 Décembre 1944
    31 Rue Élisa Lemonnier
    32 Chemin des Dames
    33 Allée des Cent Jours
    34 Rue de l'An Mil
    35 Place Saint-Étienne
    36 Rue de la Croix Rouge
    37 Rue Croix
    38 Square de la Tour des Pêcheurs
    39 Cours de l'Andlau
    40 Rue du Haut-Barr
    41 Rue de la Vallée Haute
    42 Résidence Bellevue
    43 Cité du Wihrel
    """
)

BOURG_CASES = """
n=12 ; l=RUE DU SGT BLANDAN -> numero 12 Rue du Sergent Blandan
l=14 PL DU QUATORZE JUILLET -> numero 14 Place du 14 Juillet
l=14 PLACE DU 14 JUILLET -> numero 14 Place du 14 Juillet
l=PLACE DU 14 JUILLET -> rue
l=5 RUE DE LA PREMIERE ARMEE -> numero 5 Rue de la 1ère Armée
l=5 R DE LA 1ERE ARMEE -> numero 5 Rue de la 1ère Armée
l=5 RUE DE LA IERE ARMEE -> numero 5 Rue de la 1ère Armée
l=6 RUE DES FRES LUMIERE -> numero 6 Rue des Frères Lumière
l=6 RUE FRERES LUMIERE -> numero 6 Rue des Frères Lumière
l=7 RUE STE THERESE DE L ENFANT JESUS -> numero 7 Rue Sainte-Thérèse de l'Enfant-Jésus
l=7 R. STE-THERESE ENFANT JESUS -> numero 7 Rue Sainte-Thérèse de l'Enfant-Jésus
l=8 AV MAL DE LATTRE DE TASSIGNY -> numero 8 Avenue du Maréchal de Lattre de Tassigny
l=8 AV DU MARECHAL DELATTRE DE TASSIGNY -> numero 8 Avenue du Maréchal de Lattre de Tassigny
l=8 AV DE LATTRE DE TASSIGNY -> numero 8 Avenue du Maréchal de Lattre de Tassigny
l=8 AVENUE MAL DE LATTRE -> numero 8 Avenue du Maréchal de Lattre de Tassigny
l=9 AV FORET NOIRE -> numero 9 Avenue de la Forêt Noire
l=3 R DU VX MARCHE AUX POISSONS -> numero 3 Rue du Vieux-Marché aux Poissons
l=4 QU ST NICOLAS -> numero 4 Quai Saint-Nicolas
l=4 Q. ST NICOLAS -> numero 4 Quai Saint-Nicolas
l=NEUVE (RUE) 12 -> numero 12 Rue Neuve
l=12 NEUVE (RUE) -> numero 12 Rue Neuve
l=TOUR DES PECHEURS (SQUARE DE LA) 38 -> numero 38 Square de la Tour des Pêcheurs
l=12,RUE NEUVE -> numero 12 Rue Neuve
l=12RUE NEUVE -> numero 12 Rue Neuve
l=12.RUE NEUVE -> numero 12 Rue Neuve
l=12;RUE NEUVE -> numero 12 Rue Neuve
l=12 RUENEUVE -> numero 12 Rue Neuve
l=N.12 RUE NEUVE -> numero 12 Rue Neuve
l=No 12 rue Neuve -> numero 12 Rue Neuve
l=Nº 12 rue Neuve -> numero 12 Rue Neuve
l=XII RUE NEUVE -> numero 12 Rue Neuve
l=VINGT ET UN BIS RUE NEUVE -> numero 21bis Rue Neuve
l=QUATRE-VINGT-DIX-SEPT RUE NEUVE -> numero 97 Rue Neuve
n=QUATRE VINGT DIX SEPT ; t=RUE ; l=NEUVE -> numero 97 Rue Neuve
l=12-12BIS RUE NEUVE -> numero 12 Rue Neuve
l=12 BIS - 14 RUE NEUVE -> numero 12 Rue Neuve
l=12 rue Neuve, Bât A - 3e étage - porte 97 - 67000 Strasbourg -> numero 12 Rue Neuve
l=RESIDENCE LES TILLEULS, BATIMENT 97, 12 RUE NEUVE -> numero 12 Rue Neuve
l=ENTREE 97 - 12 RUE NEUVE -> numero 12 Rue Neuve
l=12 RUE NEUVE ENTREE RUE HAUTE -> numero 12 Rue Neuve
l=ZI NORD - 12 RUE NEUVE -> numero 12 Rue Neuve
l=ZA LES PRES 12 RUE NEUVE -> numero 12 Rue Neuve
l=12 ZA DES PRES -> numero 12 Zone Artisanale des Prés
l=LOT 97 ZA DES PRES -> rue
l=12 ZAC DES PRES -> numero 12 Zone Artisanale des Prés
l=LIEU-DIT LE MOULIN 12 RUE NEUVE -> numero 12 Rue Neuve
l=12 LE BOURG -> numero 12 Le Bourg
n=1 ; l=BOURG -> numero 1 Le Bourg
l=LE BOURG -> rue
l=BP 12 - 67001 STRASBOURG CEDEX -> commune
l=CS 12345 -> commune
l=12 RUE NEUVE - BP 97 - 67000 -> numero 12 Rue Neuve
l=12 RUE NEUVE CEDEX 9 -> numero 12 Rue Neuve
l=12 rue Neuve / 3ème étage -> numero 12 Rue Neuve
l=12 rue Neuve - 3ème -> numero 12 Rue Neuve
n=5 ; l=RUE ST MARTIN ; c=ST PIERRE -> numero 5 Rue Saint-Martin @ Saint-Pierre
n=5 ; l=RUE SAINT MARTIN ; c=LD LES ORMES -> numero 5 Rue Saint-Martin @ Les Ormes
n=5 ; l=RUE SAINT MARTIN ST PIERRE -> numero 5 Rue Saint-Martin @ Saint-Pierre
l=6 ROUTE DE METZ -> numero 6 Route de Metz (RD 12)
l=6 RTE DE METZ RD 12 -> numero 6 Route de Metz (RD 12)
l=7 CHEMIN DU MOULIN -> numero 7 Chemin dit du Moulin
l=8 RUE DU MOULIN -> numero 8 Rue du Moulin dite Rue Basse
l=8 RUE BASSE -> numero 8 Rue du Moulin dite Rue Basse
l=9 VOIE COMMUNALE N°5 -> numero 9 Voie communale n°5 de Rosières à Dombasle
l=10 CHEMIN RURAL 7 -> numero 10 C.R. n°7
l=10 CR N°7 -> numero 10 C.R. n°7
l=11 IMPASSE A -> numero 11 Impasse A
l=12 RUE LES LILAS -> numero 12 Rue "Les Lilas"
l=13 GRAND RUE -> numero 13 Grand Rue - Hauptstrasse
l=13 GRANDE RUE -> numero 13 Grand Rue - Hauptstrasse
l=14 LE PETIT BOIS -> numero 14 LE PETIT BOIS / KLEINHOLZ
l=14 KLEINHOLZ -> numero 14 LE PETIT BOIS / KLEINHOLZ
l=15 RD 1083 -> numero 15 R.D. 1083
l=15 ROUTE DEPARTEMENTALE 1083 -> numero 15 R.D. 1083
l=15 RD1083 -> numero 15 R.D. 1083
l=16 R P VERLAINE -> numero 16 Rue Paul Verlaine
l=16 RUE VERLAINE -> numero 16 Rue Paul Verlaine
l=17 RUE J J ROUSSEAU -> numero 17 Rue Jean-Jacques Rousseau
l=17 RUE J-J ROUSSEAU -> numero 17 Rue Jean-Jacques Rousseau
l=17 RUE J.J. ROUSSEAU -> numero 17 Rue Jean-Jacques Rousseau
l=17 RUE JJ ROUSSEAU -> numero 17 Rue Jean-Jacques Rousseau
l=17 RUE ROUSSEAU -> numero 17 Rue Jean-Jacques Rousseau
l=18 RUE CPNE FIEGENSCHUH -> numero 18 Rue du Capitaine Fiegenschuh
l=18 RUE CAP. FIEGENSCHUH -> numero 18 Rue du Capitaine Fiegenschuh
l=19 RUE ABBE STAHL -> numero 19 Rue de l'Abbé Stahl
l=20 RUE ME ECKHART -> numero 20 Rue Maître Eckhart
l=22 BD DE LA 1ERE ARMEE FRANCAISE -> numero 22 Boulevard de la Première Armée Française
l=22 BD 1ERE ARMEE FSE -> numero 22 Boulevard de la Première Armée Française
l=23 RUE DU 23E RI -> numero 23 Rue du Vingt-Troisième RI
l=23 RUE DU 23EME REGIMENT D INFANTERIE -> numero 23 Rue du Vingt-Troisième RI
l=24 RUE DU FG NATIONAL -> numero 24 Rue du Faubourg National
l=24 FBG NATIONAL -> numero 24 Rue du Faubourg National
l=25 RUE DES 4 FILS AYMON -> numero 25 Rue des Quatre Fils Aymon
l=26 AV GEORGE V -> numero 26 Avenue Georges V
l=26 AV GEORGES CINQ -> numero 26 Avenue Georges V
l=27 RUE CHARLES DIX -> numero 27 Rue Charles X
l=28 RUE PIE DOUZE -> numero 28 Rue Pie XII
l=28 RUE PIE 12 -> numero 28 Rue Pie XII
l=29 RUE DU 5 DECEMBRE 1914 -> numero 29 Rue du 5 Décembre 1914
l=30 RUE DU 5 DEC 44 -> numero 30 Rue du 5 Décembre 1944
l=30 RUE DU 5 DECEMBRE -> numero 30 Rue du 5 Décembre 1944
l=RUE DU 5 DECEMBRE -> commune
l=31 RUE E LEMONNIER -> numero 31 Rue Élisa Lemonnier
l=33 ALLEE DES 100 JOURS -> numero 33 Allée des Cent Jours
l=35 PL ST ETIENNE -> numero 35 Place Saint-Étienne
l=36 RUE DE LA CROIX ROUGE -> numero 36 Rue de la Croix Rouge
l=37 RUE DE LA CROIX -> numero 37 Rue Croix
l=38 SQ TOUR DES PECHEURS -> numero 38 Square de la Tour des Pêcheurs
l=39 CRS DE L'ANDLAU -> numero 39 Cours de l'Andlau
l=40 RUE DU HT BARR -> numero 40 Rue du Haut-Barr
l=41 RUE VALLEE HTE -> numero 41 Rue de la Vallée Haute
l=42 RES BELLEVUE -> numero 42 Résidence Bellevue
l=RESIDENCE BELLEVUE 42 -> numero 42 Résidence Bellevue
l=43 CITE WIHREL -> numero 43 Cité du Wihrel
l=12 AVENUE NEUVE -> numero 12 Rue Neuve
n=12 ; i=TER ; l=RUE NEUVE -> numero 12 Rue Neuve
n=13 ; l=RUE NEUVE -> rue
n=12 ; t=R ; l=NEUVE -> numero 12 Rue Neuve
d=CHU DE STRASBOURG ; c=12 RUE NEUVE ; l=BP 97 -> numero 12 Rue Neuve
c=SERVICE 97 ; l=12 RUE NEUVE -> numero 12 Rue Neuve
c=UF 97 ; n=12 ; l=RUE NEUVE -> numero 12 Rue Neuve
l=RUE NEUVE ; c=97 LITS -> rue
l=RUE NEUVE ; d=DR 97 -> rue
c=APPT 97 ; l=RUE NEUVE -> rue
l=POLE MEDICAL ; m=BP 97 ; c=12 RUE NEUVE -> numero 12 Rue Neuve
l=HOPITAL DE JOUR 12 RUE NEUVE -> numero 12 Rue Neuve
l=12 ET 97 RUE NEUVE -> numero 12 Rue Neuve
l=MSP DU RIED, 12 RUE NEUVE, 67000 STRASBOURG -> numero 12 Rue Neuve
l=RUE NEUVE ANGLE RUE HAUTE -> rue
n=12 ; l=ANGLE RUE NEUVE -> numero 12 Rue Neuve
l=12 BIS A RUE NEUVE -> numero 12 Rue Neuve
l=RUE NEUVE N 12 -> numero 12 Rue Neuve
l=RUE NEUVE - N°12 -> numero 12 Rue Neuve
l=RUE NEUVE BAT 97 N°12 -> numero 12 Rue Neuve
"""


VILLAGE = town(
    """
    12 Rue Neuve
    12bis Rue Neuve
    14 Rue Neuve
    97 Rue Neuve
    1 Rue Schweitzer
    2 Imp. des Roses
    3 AV FOCH
    4 Rue de l'École
    5 Rue des Écoles
    6 Rue du 8 Mai 1945
    7 Rue de l'Étang
    8 Rue de l'Église
    9 Place Kléber
    10 Rue Kléber
    11 Chem. des Vignes
    12 Rue Antoine de Saint-Exupéry
    13 Rue du Général de Gaulle
    14 Boulevard Clemenceau
    15 Rue Georges Clemenceau
    16 Rue des Tilleuls
    17 Rue du Tilleul
    18 Rue du Moulin
    19 Chemin du Moulin
    20 Impasse du Moulin
    1 Le Moulin
    21 Rue Principale
    22 Rue du Stade
    23 Route de Strasbourg
    24 Allée de la Robertsau
    25 Rue du Maréchal Foch
    26 Rue Saint-Joseph
    27 Rue Joseph Massol
    28 Rue Jean Monnet
    29 Rue Jean Mermoz
    30 Rue Louis Pasteur
    31 Rue Pasteur Martin
    32 Rue de la Paix
    33 Rue de la 1re DFL
    34 Cour de l'Europe
    35 Rue d'Oslo
    36 Rue des Frères
    37 Rue Sœur Emmanuelle
    38 Rue du Père Brottier
    39 Rue du Curé
    40 Rue de l'Évêque Werner
    41 Place du Corps de Garde
    42 Rue Maire Dietsch
    """
)

VILLAGE_CASES = """
l=12 RUE NEUVE BIS -> numero 12bis Rue Neuve
l=ENTRE 12 ET 14 RUE NEUVE -> numero 12 Rue Neuve
l=67000 STRASBOURG 12 RUE NEUVE -> numero 12 Rue Neuve
l=12 RUE NEUVE 67000 STRASBOURG FRANCE -> numero 12 Rue Neuve
t=Rue ; l=RUE NEUVE 12 -> numero 12 Rue Neuve
t=Avenue ; n=12 ; l=RUE NEUVE -> numero 12 Rue Neuve
t=Rue ; n=12 ; l=B RUE NEUVE -> numero 12bis Rue Neuve
l=1 RUE DU DR ALBERT SCHWEITZER -> numero 1 Rue Schweitzer
l=2 IMPASSE DES ROSES -> numero 2 Imp. des Roses
l=3 AVENUE FOCH -> numero 3 AV FOCH
l=3 AV MAL FOCH -> numero 3 AV FOCH
l=25 RUE MAL FOCH -> numero 25 Rue du Maréchal Foch
l=25 RUE FOCH -> numero 25 Rue du Maréchal Foch
l=4 RUE DE L ECOLE -> numero 4 Rue de l'École
l=5 RUE DES ECOLES -> numero 5 Rue des Écoles
l=5 RUE DE L ECOLE -> rue
l=6 RUE DU8MAI1945 -> numero 6 Rue du 8 Mai 1945
l=6 RUE DU 8MAI 1945 -> numero 6 Rue du 8 Mai 1945
l=6 RUE DU 8/05/1945 -> commune
l=7 RUE DE LETANG -> numero 7 Rue de l'Étang
l=8 RUE DE L'?GLISE -> numero 8 Rue de l'Église
l=8 RUE DE L'EGLIS -> numero 8 Rue de l'Église
l=9 PL KLEBER -> numero 9 Place Kléber
l=10 RUE KLEBER -> numero 10 Rue Kléber
l=9 KLEBER -> numero 9 Place Kléber
l=11 CHEMIN DES VIGNES -> numero 11 Chem. des Vignes
l=12 RUE ST EXUPERY -> numero 12 Rue Antoine de Saint-Exupéry
l=12 RUE A DE ST EXUPERY -> numero 12 Rue Antoine de Saint-Exupéry
l=13 RUE DE GAULLE -> numero 13 Rue du Général de Gaulle
l=13 RUE GAL DE GAULLE -> numero 13 Rue du Général de Gaulle
l=13 R GENERAL CHARLES DE GAULLE -> numero 13 Rue du Général de Gaulle
l=14 BD CLEMENCEAU -> numero 14 Boulevard Clemenceau
l=15 RUE CLEMENCEAU -> numero 15 Rue Georges Clemenceau
l=15 RUE G CLEMENCEAU -> numero 15 Rue Georges Clemenceau
l=14 BD GEORGES CLEMENCEAU -> numero 14 Boulevard Clemenceau
l=16 RUE DES TILLEULS -> numero 16 Rue des Tilleuls
l=17 RUE DU TILLEUL -> numero 17 Rue du Tilleul
l=18 RUE DU MOULIN -> numero 18 Rue du Moulin
l=1 LE MOULIN -> numero 1 Le Moulin
l=1 MOULIN -> numero 1 Le Moulin
l=LE MOULIN -> rue
l=21 RUE PRINCIPALE CABINET INFIRMIER -> numero 21 Rue Principale
l=STADE 22 RUE DU STADE -> numero 22 Rue du Stade
l=23 RTE DE STRASBOURG -> numero 23 Route de Strasbourg
l=23 ROUTE DE STRASBOURG STRASBOURG -> numero 23 Route de Strasbourg
l=24 ALLEE DE LA ROBERTSAU -> numero 24 Allée de la Robertsau
l=26 RUE ST JOSEPH -> numero 26 Rue Saint-Joseph
l=27 RUE J MASSOL -> numero 27 Rue Joseph Massol
l=28 RUE J MONNET -> numero 28 Rue Jean Monnet
l=29 RUE J MERMOZ -> numero 29 Rue Jean Mermoz
l=29 RUE MERMOZ -> numero 29 Rue Jean Mermoz
l=28 RUE JEAN MERMOZ -> rue
l=30 RUE PASTEUR -> numero 30 Rue Louis Pasteur
l=30 RUE L PASTEUR -> numero 30 Rue Louis Pasteur
l=31 RUE DU PAST. MARTIN -> numero 31 Rue Pasteur Martin
l=33 RUE DE LA 1ERE D.F.L. -> numero 33 Rue de la 1re DFL
l=33 RUE DE LA PREMIERE DIVISION FRANCAISE LIBRE -> numero 33 Rue de la 1re DFL
l=34 COUR DE L EUROPE -> numero 34 Cour de l'Europe
l=35 RUE D OSLO -> numero 35 Rue d'Oslo
l=36 RUE DES FRES -> numero 36 Rue des Frères
l=37 RUE SR EMMANUELLE -> numero 37 Rue Sœur Emmanuelle
l=37 RUE SOEUR EMMANUELLE -> numero 37 Rue Sœur Emmanuelle
l=38 RUE DU P. BROTTIER -> numero 38 Rue du Père Brottier
l=38 RUE DU RP BROTTIER -> numero 38 Rue du Père Brottier
l=40 RUE DE L'EV. WERNER -> numero 40 Rue de l'Évêque Werner
l=42 RUE DU MAIRE DIETSCH -> numero 42 Rue Maire Dietsch
n=12 ; l=RUE NEUVE ; c=BATIMENT LE 97 -> numero 12 Rue Neuve
n=1997 ; l=RUE NEUVE -> rue
n=A ; l=RUE NEUVE -> rue
n=12 A 97 ; l=RUE NEUVE -> numero 12 Rue Neuve
l=12 A 97 RUE NEUVE -> numero 12 Rue Neuve
l=12 RUE NEUVE 97 -> numero 12 Rue Neuve
l=12 RUE NEUVE APT97 -> numero 12 Rue Neuve
l=APT97 RUE NEUVE -> rue
l=97E RUE NEUVE -> numero 97 Rue Neuve
l=RUE NEUVE 3E ETAGE -> rue
l=RUE NEUVE, 12EME ETAGE -> rue
l=RUE NEUVE RDC 12 -> numero 12 Rue Neuve
l=TOUR 97 RUE NEUVE -> rue
l=12 RUE NEUVE, TOUR 97, ETAGE 14 -> numero 12 Rue Neuve
l=QUAI 14 RUE NEUVE -> rue
l=SERVICE 14 - 12 RUE NEUVE -> numero 12 Rue Neuve
l=1ER RUE NEUVE -> rue
n=12 ; l=RUE NEUVE ; m=14 RUE NEUVE -> numero 12 Rue Neuve
l=RUE NEUVE ; c=14 RUE NEUVE -> rue
l=RUE NEUVE ; c=N 14 -> rue
l=CARREFOUR RUE NEUVE RUE DU STADE -> rue
l=A L ANGLE DE LA RUE NEUVE ET DE LA RUE DU STADE -> rue
l=PARKING RUE NEUVE -> rue
l=ZONE INDUSTRIELLE RUE NEUVE -> rue
l=ZI 12 RUE NEUVE -> numero 12 Rue Neuve
"""


def cases(text: str) -> list[tuple[str, Mapping[str, str | None], str, str]]:
    return [case(line.strip()) for line in text.strip().splitlines()]


CASES = [(kind, TOWN, one) for kind, text in KINDS.items() for one in cases(text)]
CASES += [("all together", BOURG, one) for one in cases(BOURG_CASES)]
CASES += [("near names", VILLAGE, one) for one in cases(VILLAGE_CASES)]
