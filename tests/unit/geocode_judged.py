"""More addresses of the same kinds, over a town of its own: written after the rules, to judge them."""

from __future__ import annotations

from tests.unit.geocode_kinds import town

CITY = town(
    """
    1 Avenue de Colmar
    3 Avenue de Colmar
    5 Rue du 4 Septembre 1944
    44 Rue du 4 Septembre 1944
    7 Rue du 19 Mars 1962
    7 Rue du 9 Mars 1962
    9 Rue du 21e Régiment d'Infanterie Coloniale
    9 Rue du 1er Régiment d'Infanterie Coloniale
    11 Rue Jean-Paul II
    11 Rue Jean-Paul Sartre
    13 Rue Benoît XV
    13 Rue Benoît Labre
    15 Place François Ier
    17 Rue du 1er Mai
    17 Rue du 11 Mai
    19 Rue du 35e RAP
    21 Rue Cinq-Mars
    23 Route de la Wantzenau
    80 Rue des Vingt
    4 Rue des Quatre Saisons
    24 Rue Saisons
    60 Rue du Soixantième
    12 Rue du Colonel Fabien
    14 Rue du Lieutenant-Colonel Driant
    16 Rue du Sous-Lieutenant Peltre
    18 Rue de l'Adjudant Vincenot
    20 Rue du Caporal Peugeot
    22 Rue du Révérend Père Brottier
    26 Rue du Chanoine Kir
    28 Rue de l'Aspirant Herber
    30 Rue du Cardinal Mercier
    32 Rue Sœur Emmanuelle
    34 Rue de la Mère Teresa
    36 Rue du Pasteur Oberlin
    38 Place de l'Hôtel de Ville
    40 Faubourg Saint-Jean
    42 Chaussée de Mulhouse
    44 Montée du Château
    46 Sentier des Jardins
    48 Passage du Lavoir
    50 Cour des Boecklin
    52 Villa des Fleurs
    54 Domaine de la Forêt
    56 Parc d'Activités de la Plaine
    58 Technopôle de l'Aéroport
    60 Esplanade du Souvenir Français
    62 Promenade des Remparts
    64 Ruelle du Puits
    66 Venelle aux Chats
    68 Traverse de la Poste
    70 Carrefour de la Croix
    8a Rue Basse
    8b Rue Basse
    8bis Rue Basse
    8ter Rue Basse
    10d Rue Basse
    10e Rue Basse
    2 Rue Haute @ Lutzelhouse
    2 Rue Haute @ Netzenbach
    72 Rue de la 1re Division Blindée
    74 Rue du Bataillon de Marche n°24
    76 Avenue des FFI
    78 Rue de la 2e DB
    82 Rue du Dr Henri Ulrich
    84 Rue Philippe-Jacques de Dietrich
    86 Boulevard du Président Edwards
    88 Rue Marie-Louise
    90 Rue Sainte-Marie-aux-Mines
    92 Rue Saint-Pierre-le-Jeune
    - Le Struthof
    - Moulin de la Bruche
    94 Rue du Ban-de-la-Roche
    96 Rue Sous-le-Rempart
    98 Route Départementale 1420
    99 Rue du Rhin Napoléon
    100 Rue Cuvelle
    """
)

CITY_CASES = """
n=B.P 44 ; t=RUE ; l=DU 4 SEPTEMBRE 1944 -> rue
n=C.S. 5 ; t=RUE ; l=DU 4 SEPTEMBRE 1944 -> rue
n=C S 44 ; l=5 RUE DU 4 SEPTEMBRE 1944 -> numero 5 Rue du 4 Septembre 1944
n=TSA 44 ; l=RUE DU 4 SEPTEMBRE 1944 -> rue
n=Logt 1 ; l=3 AVENUE DE COLMAR -> numero 3 Avenue de Colmar
n=VILLA 1 ; l=AVENUE DE COLMAR -> rue
n=CHAMBRE 1 ; l=AVENUE DE COLMAR -> rue
n=BOX 1 ; l=AVENUE DE COLMAR -> rue
n=BUREAU 1 ; l=3 AVENUE DE COLMAR -> numero 3 Avenue de Colmar
n=NIVEAU 1 ; l=3 AVENUE DE COLMAR -> numero 3 Avenue de Colmar
n=HALL 3 ; l=AVENUE DE COLMAR -> rue
n=ILOT 3 ; l=AVENUE DE COLMAR -> rue
n=LOCAL 3 ; l=1 AVENUE DE COLMAR -> numero 1 Avenue de Colmar
n=CELLULE 3 ; l=1 AVENUE DE COLMAR -> numero 1 Avenue de Colmar
n=COULOIR 3 ; l=AVENUE DE COLMAR -> rue
n=BATIMENT 1 ESCALIER 3 ; l=AVENUE DE COLMAR -> rue
n=IMM 3 ; l=AVENUE DE COLMAR -> rue
n=PARCELLE 3 ; l=AVENUE DE COLMAR -> rue
n=CASIER 3 ; l=AVENUE DE COLMAR -> rue
n=RDC ; l=3 AVENUE DE COLMAR -> numero 3 Avenue de Colmar
n=1ER ; l=3 AVENUE DE COLMAR -> numero 3 Avenue de Colmar
n=1ER ETG ; l=AVENUE DE COLMAR -> rue
n=3 AV ; l=DE COLMAR -> numero 3 Avenue de Colmar
n=3, ; t=AV ; l=DE COLMAR -> numero 3 Avenue de Colmar
n=003 ; t=AV ; l=DE COLMAR -> numero 3 Avenue de Colmar
n=3- ; l=AV DE COLMAR -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR B.P.44 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR BP44 67000 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR CS20001 STRASBOURG CEDEX -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR BOITE 1 -> numero 3 Avenue de Colmar
l=AV DE COLMAR BOITE AUX LETTRES 1 -> rue
l=3 AV DE COLMAR CASIER POSTAL 1 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR CP 1 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR STRASBOURG67000 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR67000 STRASBOURG -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR FRANCE -> numero 3 Avenue de Colmar
l=CHEZ DR DURAND 3 AV DE COLMAR -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR S/C DR DURAND -> numero 3 Avenue de Colmar
l=RUE DU QUATRE SEPTEMBRE -> rue
n=5 ; l=RUE DU QUATRE SEPTEMBRE QUARANTE QUATRE -> numero 5 Rue du 4 Septembre 1944
n=5 ; l=RUE DU IV SEPTEMBRE -> numero 5 Rue du 4 Septembre 1944
n=5 ; l=RUE DU 4-9-1944 -> commune
n=7 ; l=RUE DU DIX-NEUF MARS MIL NEUF CENT SOIXANTE-DEUX -> numero 7 Rue du 19 Mars 1962
n=7 ; l=RUE DU DIX NEUF MARS -> numero 7 Rue du 19 Mars 1962
n=7 ; l=RUE DU NEUF MARS -> numero 7 Rue du 9 Mars 1962
n=7 ; l=RUE DU DIX MARS 1962 -> commune
n=9 ; l=RUE DU 21EME RIC -> numero 9 Rue du 21e Régiment d'Infanterie Coloniale
n=9 ; l=RUE DU VINGT ET UNIEME REGIMENT D INFANTERIE COLONIALE -> numero 9 Rue du 21e Régiment d'Infanterie Coloniale
n=9 ; l=RUE DU PREMIER REGIMENT D INFANTERIE COLONIALE -> numero 9 Rue du 1er Régiment d'Infanterie Coloniale
n=9 ; l=RUE DU 2E REGIMENT D INFANTERIE COLONIALE -> commune
n=11 ; l=RUE JEAN PAUL DEUX -> numero 11 Rue Jean-Paul II
n=11 ; l=RUE JEAN PAUL 2 -> numero 11 Rue Jean-Paul II
n=13 ; l=RUE BENOIT QUINZE -> numero 13 Rue Benoît XV
n=13 ; l=RUE BENOIT XVI -> commune
n=15 ; l=PLACE FRANCOIS 1ER -> numero 15 Place François Ier
n=15 ; l=PL FRANCOIS PREMIER -> numero 15 Place François Ier
n=15 ; l=PL FRANCOIS I -> numero 15 Place François Ier
n=17 ; l=RUE DU PREMIER MAI -> numero 17 Rue du 1er Mai
n=17 ; l=RUE DU 1 MAI -> numero 17 Rue du 1er Mai
n=17 ; l=RUE DU ONZE MAI -> numero 17 Rue du 11 Mai
n=19 ; l=RUE DU TRENTE CINQUIEME RAP -> numero 19 Rue du 35e RAP
n=21 ; l=RUE DE CINQ MARS -> numero 21 Rue Cinq-Mars
n=4 ; l=RUE DES 4 SAISONS -> numero 4 Rue des Quatre Saisons
l=24 RUE DES SAISONS -> numero 24 Rue Saisons
n=60 ; l=RUE DU 60EME -> numero 60 Rue du Soixantième
n=12 ; l=RUE DU COL FABIEN -> numero 12 Rue du Colonel Fabien
n=14 ; l=RUE DU LT COL DRIANT -> numero 14 Rue du Lieutenant-Colonel Driant
n=14 ; l=RUE LCL DRIANT -> numero 14 Rue du Lieutenant-Colonel Driant
n=16 ; l=RUE SS LT PELTRE -> numero 16 Rue du Sous-Lieutenant Peltre
n=18 ; l=RUE ADJ VINCENOT -> numero 18 Rue de l'Adjudant Vincenot
n=20 ; l=RUE CAL PEUGEOT -> numero 20 Rue du Caporal Peugeot
n=22 ; l=RUE DU RP BROTTIER -> numero 22 Rue du Révérend Père Brottier
n=22 ; l=RUE DU R.P. BROTTIER -> numero 22 Rue du Révérend Père Brottier
n=26 ; l=RUE CHAN. KIR -> numero 26 Rue du Chanoine Kir
n=28 ; l=RUE ASP HERBER -> numero 28 Rue de l'Aspirant Herber
n=30 ; l=RUE CARD MERCIER -> numero 30 Rue du Cardinal Mercier
n=32 ; l=RUE SR EMMANUELLE -> numero 32 Rue Sœur Emmanuelle
n=36 ; l=RUE PAST OBERLIN -> numero 36 Rue du Pasteur Oberlin
n=38 ; l=PL HOTEL DE VILLE -> numero 38 Place de l'Hôtel de Ville
n=38 ; l=PL H DE VILLE -> numero 38 Place de l'Hôtel de Ville
n=40 ; l=FBG ST JEAN -> numero 40 Faubourg Saint-Jean
n=42 ; l=CHS DE MULHOUSE -> numero 42 Chaussée de Mulhouse
n=44 ; l=MTE DU CHATEAU -> numero 44 Montée du Château
n=46 ; l=SEN DES JARDINS -> numero 46 Sentier des Jardins
n=48 ; l=PASS DU LAVOIR -> numero 48 Passage du Lavoir
n=48 ; l=PAS DU LAVOIR -> numero 48 Passage du Lavoir
n=54 ; l=DOM DE LA FORET -> numero 54 Domaine de la Forêt
n=56 ; l=PA DE LA PLAINE -> numero 56 Parc d'Activités de la Plaine
n=56 ; l=PARC D ACTIVITE LA PLAINE -> numero 56 Parc d'Activités de la Plaine
n=60 ; l=ESP DU SOUVENIR FRANCAIS -> numero 60 Esplanade du Souvenir Français
n=62 ; l=PROM DES REMPARTS -> numero 62 Promenade des Remparts
n=64 ; l=RLE DU PUITS -> numero 64 Ruelle du Puits
n=66 ; l=VEN AUX CHATS -> numero 66 Venelle aux Chats
n=70 ; l=CARR DE LA CROIX -> numero 70 Carrefour de la Croix
n=8 ; i=A ; l=RUE BASSE -> numero 8a Rue Basse
n=8 ; i=BIS ; l=RUE BASSE -> numero 8bis Rue Basse
n=8 ; i=B ; l=RUE BASSE -> numero 8b Rue Basse
n=8 ; l=RUE BASSE -> rue
n=8 ; i=D ; l=RUE BASSE -> rue
n=10 ; i=E ; l=RUE BASSE -> numero 10e Rue Basse
n=8 ; i=TER ; t=R ; l=BASSE -> numero 8ter Rue Basse
n=8Bis ; l=r. Basse -> numero 8bis Rue Basse
l=8 bis, r. Basse -> numero 8bis Rue Basse
n=2 ; l=RUE HAUTE ; c=NETZENBACH -> numero 2 Rue Haute @ Netzenbach
n=2 ; l=RUE HAUTE LUTZELHOUSE -> numero 2 Rue Haute @ Lutzelhouse
n=2 ; l=RUE HAUTE -> rue
n=72 ; l=RUE DE LA 1ERE DB -> numero 72 Rue de la 1re Division Blindée
n=74 ; l=RUE DU BM 24 -> numero 74 Rue du Bataillon de Marche n°24
n=74 ; l=RUE DU BATAILLON DE MARCHE 24 -> numero 74 Rue du Bataillon de Marche n°24
n=76 ; l=AV DES F.F.I. -> numero 76 Avenue des FFI
n=76 ; l=AV DES FORCES FRANCAISES DE L INTERIEUR -> numero 76 Avenue des FFI
n=78 ; l=RUE DE LA DEUXIEME DIVISION BLINDEE -> numero 78 Rue de la 2e DB
n=82 ; l=RUE DOCTEUR ULRICH -> numero 82 Rue du Dr Henri Ulrich
n=84 ; l=RUE PH J DE DIETRICH -> numero 84 Rue Philippe-Jacques de Dietrich
n=84 ; l=RUE DE DIETRICH -> numero 84 Rue Philippe-Jacques de Dietrich
n=90 ; l=RUE STE MARIE AUX MINES -> numero 90 Rue Sainte-Marie-aux-Mines
n=92 ; l=RUE ST PIERRE LE JEUNE -> numero 92 Rue Saint-Pierre-le-Jeune
l=STRUTHOF -> lieu_dit - Le Struthof
l=MLIN DE LA BRUCHE -> lieu_dit - Moulin de la Bruche
n=94 ; l=RUE DU BAN DE LA ROCHE -> numero 94 Rue du Ban-de-la-Roche
n=96 ; l=RUE S/S LE REMPART -> numero 96 Rue Sous-le-Rempart
n=96 ; l=RUE SOUS REMPART -> numero 96 Rue Sous-le-Rempart
l=98 RD 1420 -> numero 98 Route Départementale 1420
l=98 D1420 -> numero 98 Route Départementale 1420
l=98 RTE DEPT 1420 -> numero 98 Route Départementale 1420
c=CENTRE MEDICAL ; d=3 AV DE COLMAR ; m=BP 1 -> numero 3 Avenue de Colmar
c=3 AVENUE DE COLMAR ; l=HOPITAL CIVIL BP 1 -> numero 3 Avenue de Colmar
m=3 AVENUE DE COLMAR BP 1 ; l=POLYCLINIQUE DES SOURCES -> numero 3 Avenue de Colmar
l=EHPAD LES ROSES 3 AVENUE DE COLMAR -> numero 3 Avenue de Colmar
l=PHARMACIE DU CENTRE 3 AVENUE DE COLMAR -> numero 3 Avenue de Colmar
l=3 AVENUE DE COLMAR PHARMACIE DU CENTRE -> numero 3 Avenue de Colmar
l=3 AVENUE DE COLMAR (FACE A LA POSTE) -> numero 3 Avenue de Colmar
l=3 AVENUE DE COLMAR FACE EGLISE -> numero 3 Avenue de Colmar
l=3 AVENUE DE COLMAR PRES DE LA GARE -> numero 3 Avenue de Colmar
l=GALERIE MARCHANDE AUCHAN 3 AVENUE DE COLMAR -> numero 3 Avenue de Colmar
l=3 AVENUE DE COLMAR IMMEUBLE LE CONCORDE BATIMENT B 2EME -> numero 3 Avenue de Colmar
l=LE CONCORDE 3 AVENUE DE COLMAR -> numero 3 Avenue de Colmar
l=3 BIS AVENUE DE COLMAR -> numero 3 Avenue de Colmar
l=3 AVE. DE COLMAR -> numero 3 Avenue de Colmar
l=3 AVN DE COLMAR -> numero 3 Avenue de Colmar
l=3 AVENUE COLMAR -> numero 3 Avenue de Colmar
l=3 AVENUE DE COLAMR -> numero 3 Avenue de Colmar
l=AVENUE DE COLMAR NUMERO 3 -> numero 3 Avenue de Colmar
l=AVENUE DE COLMAR AU 3 -> numero 3 Avenue de Colmar
l=PLACE DE COLMAR 3 -> numero 3 Avenue de Colmar
n=80 ; l=RUE DES VINGTS -> numero 80 Rue des Vingt
n=88 ; l=RUE M LOUISE -> numero 88 Rue Marie-Louise
n=99 ; l=RUE RHIN NAPOLEON -> numero 99 Rue du Rhin Napoléon
n=86 ; l=BD PDT EDWARDS -> numero 86 Boulevard du Président Edwards
n=23 ; l=RTE LA WANTZENAU -> numero 23 Route de la Wantzenau
n=3 ; l=COLMAR -> numero 3 Avenue de Colmar
n=BP N°1 ; l=AVENUE DE COLMAR -> rue
n=BP. 1 ; l=AVENUE DE COLMAR -> rue
n=B P 1 ; t=AV ; l=DE COLMAR -> rue
n=BP 1-3 ; t=AV ; l=DE COLMAR -> rue
n=CEDEX 1 ; t=AV ; l=DE COLMAR -> rue
n=LOTISSEMENT 3 ; t=AV ; l=DE COLMAR -> rue
n=LIEU DIT ; l=3 AVENUE DE COLMAR -> numero 3 Avenue de Colmar
n=APPARTEMENT 1 BAT 3 ; t=AV ; l=DE COLMAR -> rue
n=3 APPT 1 ; t=AV ; l=DE COLMAR -> numero 3 Avenue de Colmar
n=3 - BP 1 ; t=AV ; l=DE COLMAR -> numero 3 Avenue de Colmar
n=3 RDC ; t=AV ; l=DE COLMAR -> numero 3 Avenue de Colmar
n=3 ; i=1ER ETAGE ; t=AV ; l=DE COLMAR -> numero 3 Avenue de Colmar
n=3 A 5 ; t=AV ; l=DE COLMAR -> numero 3 Avenue de Colmar
n=1+3 ; t=AV ; l=DE COLMAR -> numero 1 Avenue de Colmar
n=1&3 ; t=AV ; l=DE COLMAR -> numero 1 Avenue de Colmar
n=N3 ; t=AV ; l=DE COLMAR -> numero 3 Avenue de Colmar
n=NUM 3 ; t=AV ; l=DE COLMAR -> numero 3 Avenue de Colmar
n=DEUXIEME ETAGE ; l=3 AV DE COLMAR -> numero 3 Avenue de Colmar
n=S/N ; t=AV ; l=DE COLMAR -> rue
n=ZI ; l=3 AV DE COLMAR -> numero 3 Avenue de Colmar
n=RUE ; l=3 AV DE COLMAR -> numero 3 Avenue de Colmar
n=99999 ; t=AV ; l=DE COLMAR -> rue
n=TROIS ; t=AV ; l=DE COLMAR -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR BP 20 041 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR BP 1 041 R3 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR BP 1 / S -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR-BP 1 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR (BP 1) -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR BPN°1 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR B-P 1 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR CS N°10 001 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR BOITE POSTALE NUMERO 1 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR BTE 1 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR BAL A1 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR CIDEX 12 BIS -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR C.P. 1 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR AUX BONS SOINS DE DR X -> numero 3 Avenue de Colmar
l=A L ATTENTION DE M. X 3 AV DE COLMAR -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR LOT 1 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR IMMEUBLE 1 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR 1ER ET. -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR 1° ETAGE -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR AU 1ER -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR 2 EME ETAGE DROITE -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR R+1 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR R + 1 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR ETAGE 1 PORTE 1 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR DIGICODE 1234 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR INTERPHONE 12 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR CODE 12B34 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR TEL: 0388000000 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR 03.88.00.00.00 -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR HOPITAL DE JOUR -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR USLD -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR CAMSP -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR VILLA MARGUERITE -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR LES TERRASSES -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR CABINET DENTAIRE DU DR X -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR ESPACE SANTE -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR ANGLE RUE HAUTE -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR X RUE HAUTE -> numero 3 Avenue de Colmar
l=3 AV DE COLMAR, 2 RUE HAUTE -> numero 3 Avenue de Colmar
l=MAISON MEDICALE DE GARDE 3 AV DE COLMAR -> numero 3 Avenue de Colmar
l=RES LES ACACIAS 3 AV DE COLMAR -> numero 3 Avenue de Colmar
l=RESIDENCE 44, 3 AV DE COLMAR -> numero 3 Avenue de Colmar
l=TOUR EUROPE 3 AV DE COLMAR -> numero 3 Avenue de Colmar
l=LE 3, AVENUE DE COLMAR -> numero 3 Avenue de Colmar
l=3 BIS/5 AVENUE DE COLMAR -> numero 3 Avenue de Colmar
l=NOUVELLE ADRESSE : 3 AVENUE DE COLMAR -> numero 3 Avenue de Colmar
l=3 AVENUE DE COLMAR QUARTIER MEINAU -> numero 3 Avenue de Colmar
l=3 AVENUE DE COLMAR - 67 - STRASBOURG -> numero 3 Avenue de Colmar
l=3 AVENUE DE COLMAR 67000 -> numero 3 Avenue de Colmar
l=AV DE COLMAR (3) -> numero 3 Avenue de Colmar
l=AV. DE COLMAR - 3 -> numero 3 Avenue de Colmar
l=COLMAR (AVENUE DE) -> rue
l=3 COLMAR AVENUE DE -> numero 3 Avenue de Colmar
c=BAT 1 ; l=AVENUE DE COLMAR ; m=CS 3 -> rue
c=3 ; l=AVENUE DE COLMAR -> rue
m=3 ; l=AVENUE DE COLMAR -> rue
d=N° 3 ; l=AVENUE DE COLMAR -> rue
c=3 AVENUE DE COLMAR ; l=BP 1 -> numero 3 Avenue de Colmar
c=3 AVENUE DE COLMAR ; n=1 -> numero 3 Avenue de Colmar
c=CLINIQUE X ; m=3 AVENUE DE COLMAR ; l=CS 1 -> numero 3 Avenue de Colmar
d=CLINIQUE X - 3 AVENUE DE COLMAR -> numero 3 Avenue de Colmar
d=SCM 3 AVENUE ; l=3 AV DE COLMAR -> numero 3 Avenue de Colmar
n=7 ; l=RUE DU 19-MARS-62 -> numero 7 Rue du 19 Mars 1962
n=7 ; l=RUE DU 19 MARS 1962 CESSEZ LE FEU -> numero 7 Rue du 19 Mars 1962
n=7 ; l=RUE DU 19 MARS DE 1962 -> numero 7 Rue du 19 Mars 1962
n=5 ; l=RUE DU 4 SEPT 1944 -> numero 5 Rue du 4 Septembre 1944
n=5 ; l=RUE QUATRE-SEPTEMBRE -> numero 5 Rue du 4 Septembre 1944
n=5 ; l=RUE DU 14 SEPTEMBRE 1944 -> commune
n=5 ; l=RUE DU QUATORZE SEPTEMBRE -> commune
n=5 ; l=RUE DU 4 SEPTEMBRE 1870 -> commune
n=44 ; l=RUE DU 4 SEPTEMBRE -> numero 44 Rue du 4 Septembre 1944
l=RUE DU 4 SEPTEMBRE 44 -> rue
n=17 ; l=RUE DU 1° MAI -> numero 17 Rue du 1er Mai
n=17 ; l=RUE DU Ier MAI -> numero 17 Rue du 1er Mai
n=17 ; l=RUE DU XI MAI -> numero 17 Rue du 11 Mai
n=17 ; l=RUE DU 21 MAI -> commune
n=19 ; l=RUE DU 35 RAP -> numero 19 Rue du 35e RAP
n=19 ; l=RUE DU 53EME RAP -> commune
n=80 ; l=RUE DES 20 -> numero 80 Rue des Vingt
n=60 ; l=RUE DU SOIXANTE DIXIEME -> commune
n=72 ; l=RUE DE LA PREMIERE DB -> numero 72 Rue de la 1re Division Blindée
n=13 ; l=RUE BENOIT 15 -> numero 13 Rue Benoît XV
n=13 ; l=RUE BENOIT XIV -> commune
n=11 ; l=RUE JEAN PAUL Ier -> commune
n=15 ; l=PLACE FRANCOIS II -> commune
n=8 ; i=QUATER ; l=RUE BASSE -> rue
n=8 ; i=C ; l=RUE BASSE -> rue
n=10 ; i=BIS ; l=RUE BASSE -> rue
n=10 ; l=RUE BASSE -> rue
l=8 TER, RUE BASSE -> numero 8ter Rue Basse
l=8/A RUE BASSE -> numero 8a Rue Basse
n=12 ; l=RUE DU CAPITAINE FABIEN -> commune
n=14 ; l=RUE DU CDT DRIANT -> commune
n=34 ; l=RUE MERE THERESA -> numero 34 Rue de la Mère Teresa
n=36 ; l=RUE J F OBERLIN -> numero 36 Rue du Pasteur Oberlin
n=92 ; l=RUE ST PIERRE LE VIEUX -> commune
n=40 ; l=FAUBOURG ST JACQUES -> commune
n=52 ; l=RUE DES FLEURS -> numero 52 Villa des Fleurs
n=46 ; l=RUE DES JARDINS -> numero 46 Sentier des Jardins
n=50 ; l=CR DES BOECKLIN -> numero 50 Cour des Boecklin
n=58 ; l=TECHNOPOLE AEROPORT -> numero 58 Technopôle de l'Aéroport
n=56 ; l=ZA LA PLAINE -> numero 56 Parc d'Activités de la Plaine
n=100 ; l=RUE CUVELLES -> numero 100 Rue Cuvelle
n=100 ; l=RUE CAVELLE -> numero 100 Rue Cuvelle
v=STRASBOURG ; l=3 AVENUE DE COLMAR STRASBOURG MEINAU -> numero 3 Avenue de Colmar
v=STRASBOURG ; l=3 AVENUE DE COLMAR 67 STRASBOURG -> numero 3 Avenue de Colmar
n=72 ; l=RUE DE LA IIE DB -> rue
n=III ; t=AV ; l=DE COLMAR -> numero 3 Avenue de Colmar
"""
