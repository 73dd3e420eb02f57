"""Plausible names of streets and places for the demo files of the Base Adresse Nationale.

The names are of the kinds met everywhere in the region (a feature of the village, a neighbouring town, a
national figure, a plant, an invented person). No list was taken from the real base.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from lake.text import folded_words

TYPES: tuple[tuple[str, str], ...] = (
    ("", ""),
    ("Rue", "RUE"),
    ("Avenue", "AV"),
    ("Boulevard", "BD"),
    ("Place", "PL"),
    ("Route", "RTE"),
    ("Chemin", "CHE"),
    ("Impasse", "IMP"),
    ("Allée", "ALL"),
    ("Quai", "QUAI"),
    ("Square", "SQ"),
    ("Passage", "PAS"),
    ("Faubourg", "FG"),
    ("Cours", "CRS"),
)
"""Kinds of way: wording of the BAN, code that registers use. The first one stands for "no kind"."""

_TYPE = {label: index for index, (label, _) in enumerate(TYPES)}

# Streets that most communes have.
_COMMON: dict[str, str] = {
    "": "Grande Rue;Grand Rue",
    "Rue": (
        "Principale;de l'Église;de la Gare;du Moulin;de la Fontaine;du Château;des Écoles;de la Mairie;"
        "du Général de Gaulle;du Général Leclerc;du Maréchal Foch;du Maréchal Joffre;du Maréchal Lyautey;"
        "Jean Jaurès;Victor Hugo;Pasteur;de Verdun;Saint-Martin;Saint-Nicolas;Sainte-Odile;Saint-Jean;"
        "Sainte-Barbe;Saint-Georges;Saint-Michel;Sainte-Anne;Saint-Vincent;Notre-Dame;Jeanne d'Arc;"
        "des Vosges;de Lorraine;d'Alsace;de Champagne;des Ardennes;du Stade;du Cimetière;des Jardins;"
        "des Vignes;des Lilas;des Roses;des Tilleuls;des Acacias;des Cerisiers;des Prés;des Champs;"
        "de la Forêt;du Bois;de la Paix;de la Liberté;du 8 Mai 1945;du 11 Novembre;du 14 Juillet;"
        "du Docteur Schweitzer;du Docteur Roux;du Commandant Charcot;du Capitaine Ferber;du Colonel Driant;"
        "du Lieutenant Bauer;du Professeur Calmette;du Président Wilson;Raymond Poincaré;de la Poste;"
        "du Lavoir;du Puits;de la Chapelle;du Presbytère;de l'Abbaye;des Remparts;du Faubourg;du Tilleul;"
        "du Marché;des Bouchers;des Tanneurs;des Tonneliers;des Boulangers;du Four;de la Tuilerie;"
        "de la Scierie;de la Brasserie;des Mineurs;de la Mine;de l'Usine;du Canal;du Pont;de la Rivière;"
        "du Ruisseau;de l'Étang;de la Source;de la Vallée;de la Colline;du Coteau;du Haut;du Bas;"
        "de la Côte;du Ballon;des Sapins;des Chênes;des Hêtres;des Bouleaux;des Érables;des Peupliers;"
        "des Saules;des Noyers;des Pommiers;des Mirabelliers;des Églantines;des Primevères;des Alouettes;"
        "des Hirondelles;des Mésanges;des Cigognes;du Ruisselet;Basse;Haute;Neuve;de l'Hôpital;du Collège;"
        "du Lycée;de l'Europe;Robert Schuman;Jean Moulin;Jules Ferry;Gambetta;Voltaire;Molière;Lamartine;"
        "Alfred de Musset;Émile Zola;Anatole France;Paul Verlaine;Arthur Rimbaud;Claude Debussy;"
        "Hector Berlioz;Maurice Ravel;Marie Curie;Pierre Curie;Ampère;Denis Papin;Louis Braille;"
        "des Frères Lumière;Edmond Rostand;Maurice Barrès;Georges Clemenceau;Aristide Briand;Léon Blum;"
        "Albert Camus;Romain Rolland"
    ),
    "Place": (
        "de la République;de l'Église;du Marché;de la Mairie;de la Gare;du Général de Gaulle;"
        "Stanislas Leszczynski;de la Libération;d'Armes;du Château;des Halles;Saint-Pierre;de la Fontaine;"
        "Charles de Foucauld"
    ),
    "Avenue": (
        "de la Libération;du Général Leclerc;de la Gare;Foch;de Strasbourg;de Nancy;de la Marne;du Rhin;"
        "de la Résistance;Jean Monnet;du Maréchal Juin;de la Forêt-Noire;des Sports;Carnot"
    ),
    "Boulevard": (
        "Victor Hugo;de la République;Gambetta;du Président Kennedy;de la Marne;Leclerc;d'Alsace-Lorraine;"
        "Pasteur;des Alliés;Jean-Baptiste Colbert"
    ),
    "Route": "Nationale;de la Vallée;du Vin;de Marckolsheim;de Charleville;Départementale;des Crêtes;de Bâle",
    "Chemin": (
        "des Dames;du Moulin;des Vignes;de la Croix;du Gué;Vert;de Halage;des Chasseurs;de la Carrière;"
        "du Calvaire;des Prés;de Ronde"
    ),
    "Impasse": "des Lilas;du Moulin;des Jardins;de la Fontaine;des Tilleuls;du Verger;des Roses;de l'Église",
    "Allée": "des Tilleuls;des Marronniers;des Platanes;du Parc;des Acacias;des Érables;de la Roseraie",
    "Quai": "de la Moselle;de la Meuse;des Bateliers;de l'Ill;Kléber;du Canal",
    "Square": "du Souvenir;des Anciens Combattants;Jean XXIII;de la Roseraie",
    "Passage": "du Bief;des Arcades;de la Tour",
    "Faubourg": "de Belfort;de Pierre;de Laon",
    "Cours": "Léopold;de la Liberté;Jean-Baptiste Langlet",
}

# Things that a street may be named after, with the article of the name.
_THINGS: dict[str, str] = {
    "des": (
        "Aubépines;Aulnes;Anémones;Bleuets;Bruyères;Camélias;Capucines;Charmes;Châtaigniers;Chèvrefeuilles;"
        "Clématites;Cognassiers;Coquelicots;Cytises;Dahlias;Fougères;Frênes;Genêts;Gentianes;Géraniums;"
        "Glaïeuls;Glycines;Groseilliers;Hortensias;Houx;Iris;Jacinthes;Jasmins;Jonquilles;Lavandes;Lupins;"
        "Magnolias;Marguerites;Mélèzes;Merisiers;Muguets;Myosotis;Myrtilles;Narcisses;Nénuphars;Noisetiers;"
        "Œillets;Orchidées;Ormes;Pâquerettes;Pensées;Pervenches;Pivoines;Poiriers;Pruniers;Quetschiers;"
        "Rhododendrons;Romarins;Seringas;Sorbiers;Sureaux;Trembles;Troènes;Tulipes;Violettes;"
        "Bergeronnettes;Bouvreuils;Cailles;Chardonnerets;Chevreuils;Colombes;Coucous;Cygnes;Écureuils;"
        "Faisans;Fauvettes;Geais;Grives;Hérons;Loriots;Martinets;Merles;Palombes;Perdrix;Pinsons;"
        "Rossignols;Rouges-Gorges;Sarcelles;Tourterelles;Vanneaux;Vergers;Artisans;Bateliers;Bergers;"
        "Bûcherons;Charpentiers;Charrons;Cordonniers;Faïenciers;Forgerons;Horlogers;Imprimeurs;Maraîchers;"
        "Meuniers;Pêcheurs;Potiers;Sabotiers;Tailleurs;Tisserands;Tuiliers;Verriers;Vignerons;Cloutiers"
    ),
    "de la": (
        "Bergerie;Barrière;Borde;Carrière;Chaume;Cigogne;Citadelle;Clairière;Cour;Croix;Digue;Douane;"
        "Écluse;Faïencerie;Falaise;Ferme;Filature;Forge;Garenne;Glacière;Grange;Halle;Haie;Lande;"
        "Manufacture;Papeterie;Passerelle;Plaine;Pépinière;Prairie;Redoute;Roseraie;Sapinière;Saline;"
        "Tannerie;Tour;Tourelle;Verrerie"
    ),
    "du": (
        "Barrage;Beffroi;Belvédère;Bosquet;Canton;Carmel;Cèdre;Chalet;Chevalet;Clocher;Clos;Couvent;Donjon;"
        "Fort;Hameau;Jeu de Paume;Lac;Manège;Marais;Moulinet;Parc;Pâtis;Pressoir;Prieuré;Rempart;Rocher;"
        "Sablon;Soleil;Temple;Théâtre;Val;Viaduc;Vallon;Verger;Vieux Pont;Vivier;Vignoble"
    ),
}
_FIRST_NAMES = (
    "Adèle;Aimé;Albert;Alexandre;Alfred;Alice;Alphonse;Ambroise;André;Antoine;Armand;Auguste;Aurélie;"
    "Benjamin;Berthe;Camille;Caroline;Cécile;Charles;Claude;Clémence;Colette;Denis;Désiré;Edmond;Édouard;"
    "Élisabeth;Émile;Ernest;Eugène;Eugénie;Félix;Ferdinand;François;Frédéric;Gabriel;Gaston;Geneviève;"
    "Georges;Germaine;Gustave;Henri;Hippolyte;Honoré;Hubert;Jacques;Joseph;Jules;Juliette;Léon;Léonie;"
    "Louis;Louise;Lucien;Marcel;Marguerite;Mathilde;Maurice;Nicolas;Octave;Odile;Paul;Pauline;Philippe;"
    "Pierre;Raymond;René;Robert;Simone;Suzanne;Théodore;Théophile;Thérèse;Victor;Xavier;Yvonne"
)
_FAMILY_NAMES = (
    "Adrian;Albrecht;Antoni;Arnould;Aubertin;Baillard;Barthélemy;Baudouin;Beaulieu;Bellanger;Bertin;Besson;"
    "Biehler;Blaise;Boileau;Bonnard;Bourgeois;Bresson;Brunswick;Burger;Cadet;Carlier;Chardin;Chevrier;"
    "Clairvaux;Collignon;Cordier;Courbet;Cuvelier;Dautremont;Delacroix;Demange;Desmoulins;Didierjean;"
    "Dollinger;Dormoy;Drouot;Duchêne;Durival;Ehrmann;Erhard;Estienne;Fabert;Ferrand;Fischart;Flamant;"
    "Fleurot;Fourier;Gaillard;Gallé;Gauthier;Geiler;Gérardin;Girardet;Gouvion;Grandidier;Gravelotte;"
    "Grosjean;Guibal;Guérin;Haas;Hansen;Hartmann;Heitz;Henner;Herrade;Hirtz;Humbert;Husson;Jacquard;"
    "Jacquot;Janvier;Jardel;Jaurey;Kastler;Keller;Kestner;Klein;Koechlin;Kuhn;Lacour;Lafarge;Lallement;"
    "Lambert;Langlois;Lebrun;Leclair;Lefranc;Lemoine;Lepage;Lhuillier;Lorin;Lothaire;Mangin;Marchal;"
    "Marcoux;Masson;Mathieu;Maurer;Méline;Mercier;Mesmer;Meyer;Michelet;Millot;Monard;Morel;Mougeot;Muller;"
    "Noirot;Oberlin;Olry;Parisot;Perrin;Petitjean;Pfeffel;Pierron;Poirel;Prouvé;Quintin;Ravinel;Regnault;"
    "Renard;Ricard;Richier;Rivot;Roussel;Ruinart;Sadoul;Salentin;Sarrail;Schaeffer;Schlumberger;Schneider;"
    "Schott;Sellier;Serrurier;Simonin;Speckel;Spindler;Stoltz;Thiébaut;Thiriet;Thouvenel;Trouillet;"
    "Valentin;Vautrin;Vernier;Villemin;Vincent;Voirin;Vuillemin;Wagner;Weiler;Wencker;Zeller"
)
_PERSON_TITLES = ("", "", "", "", "du Docteur ", "du Général ", "du Capitaine ", "de l'Abbé ", "du Colonel ")

_PLACES = (
    "La Tuilerie;Les Quatre Vents;La Croix Blanche;Le Haut du Mont;Ferme de la Grange;Ferme du Bois;"
    "Le Vieux Moulin;La Bergerie;Les Grands Prés;Le Champ du Feu;La Scierie;Le Petit Étang;"
    "La Maison Forestière;Le Gros Chêne;La Haute Borne;Les Basses Vignes;Le Pré aux Bœufs;La Sablière;"
    "Le Moulin Neuf;La Vacherie;Le Château Vert;Les Trois Fontaines;Ferme Saint-Antoine;Le Neuf Étang;"
    "La Verrerie;La Papeterie;Le Clos Fleuri;La Forge Haute;La Forge Basse;Le Fond de l'Eau;"
    "La Côte Rouge;Ferme de la Folie;Le Hameau des Sources;La Chapelle du Bois;Les Longues Raies;"
    "Le Rond Chêne;La Basse Cour;Le Bout d'Amont;Le Bout d'Aval;La Grande Fosse;Le Pont de Pierre;"
    "La Grange aux Ormes;Le Mont Chauve;Ferme des Essarts;La Belle Épine;Le Trou aux Loups;"
    "La Briqueterie;Les Hautes Chaumes;La Petite Suisse;Le Relais de Poste"
)
PLACES: tuple[str, ...] = tuple(_PLACES.split(";"))
"""Lieux-dits."""

_VOWELS = "AEIOUYÀÂÉÈÊËÎÏÔÛH"


@dataclass(frozen=True)
class Noms:
    """A catalogue of way names.

    Attributes:
        frame: one row per way: ``type`` (index in :data:`TYPES`), ``nom`` (what follows the kind),
            ``nom_voie``.
        communs: how many rows, from the first, are names that most communes have (a prime number).
        autres: how many other rows (a prime number).
    """

    frame: pl.DataFrame
    communs: int
    autres: int


def capitales(text: pl.Expr) -> pl.Expr:
    """Upper-case words without accents nor punctuation, as registers often write them."""
    return folded_words(text).str.to_uppercase()


def of_town(town: str) -> str:
    """« de Metz », « d'Épinal »."""
    return f"d'{town}" if town[0].upper() in _VOWELS else f"de {town}"


def catalogue(towns: Iterable[str]) -> Noms:
    """Every way name the generator may use.

    Args:
        towns: names of the larger towns around, that roads lead to.
    """
    common = [(_TYPE[kind], name) for kind, names in _COMMON.items() for name in names.split(";")]
    frame = _frame(common)
    others = _frame(list(_others(list(towns)))).join(frame, on="_cle", how="anti", maintain_order="left")
    # Prime sizes: stepping by any number then visits every name before it meets one again.
    first, second = _prime_below(frame.height), _prime_below(others.height)
    return Noms(pl.concat([frame.head(first), others.head(second)]).drop("_cle"), first, second)


def _frame(rows: list[tuple[int, str]]) -> pl.DataFrame:
    labels = [label for label, _ in TYPES]
    frame = pl.DataFrame(
        {
            "type": [kind for kind, _ in rows],
            "nom": [name for _, name in rows],
            "nom_voie": [f"{labels[kind]} {name}".strip() for kind, name in rows],
        },
        schema={"type": pl.Int8, "nom": pl.String, "nom_voie": pl.String},
    )
    return frame.with_columns(_cle=capitales(pl.col("nom_voie"))).unique("_cle", maintain_order=True)


def _others(towns: list[str]) -> Iterator[tuple[int, str]]:
    kinds = [
        _TYPE[k] for k in ("Rue", "Rue", "Rue", "Allée", "Impasse", "Chemin", "Avenue", "Place", "Passage")
    ]
    for rank, town in enumerate(town for town in towns if not town.startswith(("Le ", "La ", "Les ", "L'"))):
        yield (_TYPE["Route"] if rank % 3 else _TYPE["Rue"]), of_town(town)
    rank = 0
    for article, names in _THINGS.items():
        for name in names.split(";"):
            rank += 1
            joined = f"de l'{name}" if article == "de la" and name[0] in _VOWELS else f"{article} {name}"
            yield kinds[rank % len(kinds)], joined
    first_names, family_names = _FIRST_NAMES.split(";"), _FAMILY_NAMES.split(";")
    # Diagonals of the table of persons: neighbours in the list share neither first nor family name.
    for shift in range(len(family_names)):
        for index, first_name in enumerate(first_names):
            rank += 1
            family_name = family_names[(index * 2 + shift) % len(family_names)]
            title = _PERSON_TITLES[rank % len(_PERSON_TITLES)]
            yield kinds[rank % len(kinds)], f"{title}{first_name} {family_name}"


def _prime_below(limit: int) -> int:
    number = limit
    while any(number % divisor == 0 for divisor in range(2, int(number**0.5) + 1)):
        number -= 1
    return number
