"""A third town and its addresses, of the same kinds with other words: 128 of 135 were right before it led to rules."""

from __future__ import annotations

from tests.unit.geocode_kinds import town

BOROUGH = town("""
    11 Rue de Verdun
    110 Rue de Verdun
    17 Rue de Verdun
    6 Rue du 22 Novembre
    22 Rue du Novembre Vert
    7 Rue du 14 Juillet
    14 Rue de Juillet
    25 Rue du 25 Novembre 1944
    26 Rue du 23e Bataillon de Chasseurs
    27 Rue du 3e Zouaves
    28 Place du Pape Léon IX
    29 Rue Charles X
    30 Rue Pie XII
    31 Rue Pie
    32 Rue des Deux Ponts
    34 Rue des Sept Arpents
    36 Rue des Trente Journées
    71 Rue du Soixante-Onzième de Ligne
    37 Rue du Maréchal des Logis Kieffer
    38 Rue de l'Intendant Général Chayla
    39 Rue du Vice-Amiral d'Estaing
    41 Rue du Contre-Amiral Exelmans
    43 Rue du Brigadier Merlot
    45 Place du Curé Bihler
    47 Rue de l'Archevêque Roess
    49 Rue du Frère Médard
    51 Rue du Bienheureux Bernard
    53 Rue de la Bienheureuse Marguerite
    55 Rue Notre-Dame-de-Bon-Secours
    57 Rue du Lycée
    59 Rue du Collège Lucie Berger
    61 Rue de l'École Normale
    63 Rue du Stade Nautique
    65 Rue de la Piscine
    67 Rue de la Maison Rouge
    69 Cité Fischer
    71 Cité des Cheminots
    73 Quartier Ravel
    75 Hameau du Parc
    77 Mail du Printemps
    79 Parvis de la Cathédrale
    81 Rocade Est
    83 Voie Romaine
    85 Degré du Palais
    87 Cours du Tribunal
    89 Galerie du Rempart
    91 Ancienne Route de Paris
    93 Vieux Chemin de Metz
    95 Petite Rue du Moulin
    97 Rue du Moulin
    99 Rue du Moulin à Vent
    12 Rue Jeanne d'Arc
    12bis Rue Jeanne d'Arc
    12b Rue Jeanne d'Arc
    14c1 Rue Jeanne d'Arc
    14c2 Rue Jeanne d'Arc
    16octies Rue Jeanne d'Arc
    16nonies Rue Jeanne d'Arc
    3 Grand Rue @ Oberhof
    3 Grand Rue @ Niederhof
    9 Rue de l'Abbé Pierre (Oberhof)
    9 Rue de l'Abbé Pierre (Niederhof)
    18 Chemin dit des Vignes
    20 Rue du Puits dite Brunnengasse
    21 Rue de la Douane / Zollstrasse
    - La Papeterie
    - Moulin du Bas
    33 La Croix de Fer
    33 Rue de la Croix de Fer
    35 Route de Strasbourg
    35 Rue de Strasbourg
    40 Avenue du Maréchal de Lattre de Tassigny
    42 Rue Saint-Dié
    44 Rue du Vieux-Marché-aux-Vins
    46 Rue de l'Ancienne Synagogue
    48 Rue des Frères Lumière
    50 Avenue Robert Schuman
    52 Avenue Winston Churchill
    54 Rue Antoine de Saint-Exupéry
    56 Rue Georges Clemenceau
    58 Rue Gal Eisenhower
    60 Place de la Gare
""")

BOROUGH_CASES = """
n=BP 11 ; t=RUE ; l=DE VERDUN -> rue
n=BAT 11 ; l=17 RUE DE VERDUN -> numero 17 Rue de Verdun
n=LOT11 ; l=17 RUE DE VERDUN -> numero 17 Rue de Verdun
n=APT. 17 ; t=RUE ; l=DE VERDUN -> rue
n=REZ 11 ; l=17 RUE DE VERDUN -> numero 17 Rue de Verdun
n=2EME ; l=17 RUE DE VERDUN -> numero 17 Rue de Verdun
n=ETAGE 11 ; t=RUE ; l=DE VERDUN -> rue
n=STUDIO 11 ; t=RUE ; l=DE VERDUN -> rue
n=KM11 ; t=RUE ; l=DE VERDUN -> rue
n=P.K. 11 ; t=RUE ; l=DE VERDUN -> rue
n=BAT A ; l=17 RUE DE VERDUN -> numero 17 Rue de Verdun
n=AILE 11 ; t=RUE ; l=DE VERDUN -> rue
n=PAVILLON 17 ; t=RUE ; l=DE VERDUN -> rue
n=PAV 17 ; l=11 RUE DE VERDUN -> numero 11 Rue de Verdun
n=SUITE 17 ; l=11 RUE DE VERDUN -> numero 11 Rue de Verdun
n=ENT 11 ; t=RUE ; l=DE VERDUN -> rue
n=BLOC 11 ; t=RUE ; l=DE VERDUN -> rue
n=PLOT 11 ; t=RUE ; l=DE VERDUN -> rue
n=11EME ETAGE ; t=RUE ; l=DE VERDUN -> rue
n=PORTE N°17 ; t=RUE ; l=DE VERDUN -> rue
l=17 RUE DE VERDUN B.P. N°11 -> numero 17 Rue de Verdun
l=17 RUE DE VERDUN B P N 11 -> numero 17 Rue de Verdun
l=17 RUE DE VERDUN BP11 -> numero 17 Rue de Verdun
l=17 RUE DE VERDUN BTE 11 -> numero 17 Rue de Verdun
l=17 RUE DE VERDUN BOITE POSTALE N°11 -> numero 17 Rue de Verdun
l=RUE DE VERDUN - CASE POSTALE N° 11 -> rue
l=17 RUE DE VERDUN CS N°11011 -> numero 17 Rue de Verdun
l=17 RUE DE VERDUN CIDEX 11 -> numero 17 Rue de Verdun
l=CIDEX N°11 RUE DE VERDUN -> rue
l=RUE DE VERDUN TSA N 11 -> rue
l=CO MME DUPONT 17 RUE DE VERDUN -> numero 17 Rue de Verdun
l=C/O EHPAD LES LILAS, 17 RUE DE VERDUN -> numero 17 Rue de Verdun
l=17 RUE DE VERDUN BAL 11 -> numero 17 Rue de Verdun
l=17RUE DE VERDUN -> numero 17 Rue de Verdun
l=17,RUE DE VERDUN,67000STRASBOURG -> numero 17 Rue de Verdun
l=17 RUE DE VERDUN 67000 STRASBOURG CEDEX 9 -> numero 17 Rue de Verdun
l=ONZE RUE DE VERDUN -> numero 11 Rue de Verdun
l=CENT DIX RUE DE VERDUN -> numero 110 Rue de Verdun
l=DIX-SEPT RUE DE VERDUN -> numero 17 Rue de Verdun
n=DIX SEPT ; t=RUE ; l=DE VERDUN -> numero 17 Rue de Verdun
n=6 ; l=RUE DU VINGT DEUX NOVEMBRE -> numero 6 Rue du 22 Novembre
n=6 ; l=RUE DU VINGT-DEUX-NOVEMBRE -> numero 6 Rue du 22 Novembre
n=6 ; l=RUE DU XXII NOVEMBRE -> numero 6 Rue du 22 Novembre
n=6 ; l=RUE DU VINGT NOVEMBRE -> commune
n=7 ; l=RUE DU QUATORZE JUILLET -> numero 7 Rue du 14 Juillet
n=7 ; l=RUE DU 14 JUIL -> numero 7 Rue du 14 Juillet
n=7 ; l=RUE DU XIV JUILLET -> numero 7 Rue du 14 Juillet
n=7 ; l=RUE DU 14 JUILLET 1789 -> numero 7 Rue du 14 Juillet
n=25 ; l=RUE DU VINGT-CINQ NOVEMBRE 44 -> numero 25 Rue du 25 Novembre 1944
n=26 ; l=RUE DU 23EME BATAILLON DE CHASSEURS -> numero 26 Rue du 23e Bataillon de Chasseurs
n=26 ; l=RUE DU VINGT TROISIEME BATAILLON DE CHASSEURS -> numero 26 Rue du 23e Bataillon de Chasseurs
n=26 ; l=RUE DU 23 BAT DE CHASSEURS -> numero 26 Rue du 23e Bataillon de Chasseurs
n=27 ; l=RUE DU TROISIEME ZOUAVES -> numero 27 Rue du 3e Zouaves
n=27 ; l=RUE DU 3 ZOUAVES -> numero 27 Rue du 3e Zouaves
n=28 ; l=PL PAPE LEON 9 -> numero 28 Place du Pape Léon IX
n=28 ; l=PLACE DU PAPE LEON NEUF -> numero 28 Place du Pape Léon IX
n=29 ; l=RUE CHARLES DIX -> numero 29 Rue Charles X
n=30 ; l=RUE PIE DOUZE -> numero 30 Rue Pie XII
n=30 ; l=RUE PIE 12 -> numero 30 Rue Pie XII
n=32 ; l=RUE DES 2 PONTS -> numero 32 Rue des Deux Ponts
n=34 ; l=RUE DES 7 ARPENTS -> numero 34 Rue des Sept Arpents
n=36 ; l=RUE DES 30 JOURNEES -> numero 36 Rue des Trente Journées
n=71 ; l=RUE DU 71EME DE LIGNE -> numero 71 Rue du Soixante-Onzième de Ligne
n=37 ; l=RUE DU MDL KIEFFER -> numero 37 Rue du Maréchal des Logis Kieffer
n=37 ; l=RUE MAL DES LOGIS KIEFFER -> numero 37 Rue du Maréchal des Logis Kieffer
n=39 ; l=RUE VICE AMIRAL D ESTAING -> numero 39 Rue du Vice-Amiral d'Estaing
n=43 ; l=RUE BRIG MERLOT -> numero 43 Rue du Brigadier Merlot
n=47 ; l=RUE ARCHEV ROESS -> numero 47 Rue de l'Archevêque Roess
n=49 ; l=RUE DU FR MEDARD -> numero 49 Rue du Frère Médard
n=55 ; l=RUE ND DE BON SECOURS -> numero 55 Rue Notre-Dame-de-Bon-Secours
n=55 ; l=RUE N.D. DE BON SECOURS -> numero 55 Rue Notre-Dame-de-Bon-Secours
n=61 ; l=RUE ECOLE NORMALE -> numero 61 Rue de l'École Normale
n=69 ; l=CTE FISCHER -> numero 69 Cité Fischer
n=71 ; l=CITE CHEMINOTS -> numero 71 Cité des Cheminots
n=73 ; l=QUA RAVEL -> numero 73 Quartier Ravel
n=75 ; l=HAM DU PARC -> numero 75 Hameau du Parc
n=77 ; l=MAIL PRINTEMPS -> numero 77 Mail du Printemps
n=79 ; l=PARV DE LA CATHEDRALE -> numero 79 Parvis de la Cathédrale
n=81 ; l=ROC EST -> numero 81 Rocade Est
n=89 ; l=GAL DU REMPART -> numero 89 Galerie du Rempart
n=91 ; l=ANC RTE DE PARIS -> numero 91 Ancienne Route de Paris
n=93 ; l=VX CHE DE METZ -> numero 93 Vieux Chemin de Metz
n=95 ; l=PTE RUE DU MOULIN -> numero 95 Petite Rue du Moulin
n=99 ; l=RUE MOULIN A VENT -> numero 99 Rue du Moulin à Vent
n=12 ; i=B ; l=RUE JEANNE D ARC -> numero 12b Rue Jeanne d'Arc
n=12 ; i=BIS ; l=RUE J. D'ARC -> numero 12bis Rue Jeanne d'Arc
n=12 B ; l=R JEANNE D ARC -> numero 12b Rue Jeanne d'Arc
n=14 ; i=C2 ; l=RUE JEANNE D ARC -> numero 14c2 Rue Jeanne d'Arc
n=14C1 ; l=RUE JEANNE DARC -> numero 14c1 Rue Jeanne d'Arc
n=16 ; i=OCTIES ; l=RUE JEANNE D ARC -> numero 16octies Rue Jeanne d'Arc
n=16 ; l=RUE JEANNE D ARC -> rue
n=3 ; l=GRAND RUE ; c=OBERHOF -> numero 3 Grand Rue @ Oberhof
n=3 ; l=GRANDE RUE NIEDERHOF -> numero 3 Grand Rue @ Niederhof
n=3 ; l=GRAND'RUE -> rue
n=9 ; l=RUE DE L ABBE PIERRE ; c=OBERHOF -> numero 9 Rue de l'Abbé Pierre (Oberhof)
n=9 ; l=RUE ABBE PIERRE -> rue
n=18 ; l=CHEMIN DES VIGNES -> numero 18 Chemin dit des Vignes
n=20 ; l=RUE DU PUITS -> numero 20 Rue du Puits dite Brunnengasse
n=20 ; l=BRUNNENGASSE -> numero 20 Rue du Puits dite Brunnengasse
n=21 ; l=RUE DE LA DOUANE -> numero 21 Rue de la Douane / Zollstrasse
n=21 ; l=ZOLLSTRASSE -> numero 21 Rue de la Douane / Zollstrasse
l=LIEU DIT LA PAPETERIE -> lieu_dit - La Papeterie
l=LD LA PAPETERIE -> lieu_dit - La Papeterie
l=LIEUDIT MOULIN DU BAS -> lieu_dit - Moulin du Bas
n=33 ; l=LA CROIX DE FER -> numero 33 La Croix de Fer
n=33 ; t=RUE ; l=LA CROIX DE FER -> numero 33 Rue de la Croix de Fer
n=35 ; t=RTE ; l=DE STRASBOURG -> numero 35 Route de Strasbourg
n=35 ; t=R ; l=DE STRASBOURG -> numero 35 Rue de Strasbourg
n=40 ; l=AV MAL DE LATTRE DE TASSIGNY -> numero 40 Avenue du Maréchal de Lattre de Tassigny
n=40 ; l=AV DE LATTRE DE TASSIGNY -> numero 40 Avenue du Maréchal de Lattre de Tassigny
n=42 ; l=RUE DE ST DIE -> numero 42 Rue Saint-Dié
n=44 ; l=RUE DU VX MARCHE AUX VINS -> numero 44 Rue du Vieux-Marché-aux-Vins
n=46 ; l=RUE ANC SYNAGOGUE -> numero 46 Rue de l'Ancienne Synagogue
n=48 ; l=RUE FRERES LUMIERES -> numero 48 Rue des Frères Lumière
n=50 ; l=AV R SCHUMAN -> numero 50 Avenue Robert Schuman
n=52 ; l=AV W CHURCHILL -> numero 52 Avenue Winston Churchill
n=54 ; l=RUE ST EXUPERY -> numero 54 Rue Antoine de Saint-Exupéry
n=54 ; l=RUE A DE ST EXUPERY -> numero 54 Rue Antoine de Saint-Exupéry
n=56 ; l=RUE CLEMENCEAU -> numero 56 Rue Georges Clemenceau
n=58 ; l=RUE DU GENERAL EISENHOWER -> numero 58 Rue Gal Eisenhower
l=CABINET INFIRMIER 60 PL DE LA GARE -> numero 60 Place de la Gare
l=60 PL DE LA GARE CHU NOUVEL HOPITAL CIVIL -> numero 60 Place de la Gare
c=60 PLACE DE LA GARE ; l=CENTRE DE SANTE DENTAIRE -> numero 60 Place de la Gare
d=60 PLACE DE LA GARE ; l=SELARL DU DR MULLER -> numero 60 Place de la Gare
c=MSP DE LA GARE ; n=60 ; t=PL ; l=DE LA GARE -> numero 60 Place de la Gare
m=60 PL GARE -> numero 60 Place de la Gare
l=SQUARE DES ARTS 60 PLACE DE LA GARE -> numero 60 Place de la Gare
l=HOPITAL DE JOUR, 60 PLACE DE LA GARE, 2E ETAGE -> numero 60 Place de la Gare
l=IMPASSE INCONNUE 60 -> commune
l=ANGLE RUE DE VERDUN ET PLACE DE LA GARE -> rue
l=60-62 PLACE DE LA GARE -> numero 60 Place de la Gare
l=60/62 PLACE DE LA GARE -> numero 60 Place de la Gare
l=60 ET 62 PLACE DE LA GARE -> numero 60 Place de la Gare
l=60 BIS-62 PLACE DE LA GARE -> numero 60 Place de la Gare
n=LOGE 11 ; l=17 RUE DE VERDUN -> numero 17 Rue de Verdun
n=GUICHET A17 ; t=RUE ; l=DE VERDUN -> rue
n=ANNEXE SUD 11 ; t=RUE ; l=DE VERDUN -> rue
n=11 RUE ; l=DE VERDUN -> numero 11 Rue de Verdun
n=LES 2 ; l=PONTS -> rue
"""
