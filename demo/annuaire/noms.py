"""First and family names of the demo's invented persons: common French names, drawn independently."""

from __future__ import annotations

_PRENOMS_F = (
    "Adeline;Agathe;Agnès;Alexandra;Alice;Aline;Amandine;Amélie;Anaïs;Anne;Anne-Laure;Anne-Marie;"
    "Anne-Sophie;Annick;Audrey;Aurélie;Aurore;Barbara;Béatrice;Bénédicte;Brigitte;Camille;Carine;"
    "Carole;Caroline;Catherine;Cécile;Céline;Chantal;Charlène;Charlotte;Chloé;Christelle;Christine;"
    "Claire;Clara;Clarisse;Claudine;Clémence;Coralie;Corinne;Cynthia;Danielle;Delphine;Denise;Diane;"
    "Dominique;Dorothée;Élise;Élisabeth;Élodie;Elsa;Émilie;Emma;Emmanuelle;Estelle;Eugénie;Eva;Évelyne;"
    "Fabienne;Fanny;Fatima;Fiona;Florence;Françoise;Frédérique;Gabrielle;Gaëlle;Geneviève;Géraldine;"
    "Gwendoline;Hélène;Inès;Ingrid;Isabelle;Jacqueline;Jade;Jeanne;Jennifer;Jessica;Joanna;Jocelyne;"
    "Joëlle;Johanna;Josiane;Judith;Julia;Julie;Juliette;Justine;Karine;Laetitia;Laura;Laure;Laurence;"
    "Laurie;Léa;Léna;Leïla;Lisa;Lorraine;Louise;Lucie;Lucille;Ludivine;Lydie;Magali;Manon;Margaux;"
    "Marianne;Marie;Marie-Claire;Marie-Hélène;Marie-Laure;Marine;Marion;Martine;Maryline;Mathilde;Maud;"
    "Mélanie;Mélissa;Michèle;Mireille;Monique;Morgane;Muriel;Myriam;Nadège;Nadia;Nadine;Nathalie;"
    "Nicole;Noémie;Océane;Odile;Ophélie;Pascale;Patricia;Pauline;Perrine;Peggy;Rachel;Raphaëlle;"
    "Rebecca;Régine;Romane;Rosalie;Sabine;Sabrina;Samia;Sandra;Sandrine;Sarah;Séverine;Simone;Solène;"
    "Sonia;Sophie;Stéphanie;Suzanne;Sylvie;Tania;Tatiana;Tiphaine;Valérie;Vanessa;Véronique;Victoria;"
    "Virginie;Viviane;Yasmine;Yolande;Yvette;Zoé"
)
PRENOMS_F: tuple[str, ...] = tuple(_PRENOMS_F.split(";"))

_PRENOMS_M = (
    "Adrien;Alain;Alexandre;Alexis;Amaury;André;Anthony;Antoine;Arnaud;Arthur;Aurélien;Axel;Baptiste;"
    "Bastien;Benjamin;Benoît;Bernard;Bertrand;Brice;Bruno;Cédric;Charles;Christian;Christophe;Claude;"
    "Clément;Corentin;Cyril;Damien;Daniel;David;Denis;Didier;Dominique;Dylan;Edgar;Édouard;Emmanuel;"
    "Éric;Erwan;Étienne;Fabien;Fabrice;Florent;Florian;Francis;Franck;François;Frédéric;Gabriel;Gaël;"
    "Geoffrey;Georges;Gérald;Gérard;Gilbert;Gilles;Grégoire;Grégory;Guillaume;Guy;Henri;Hervé;Hubert;"
    "Hugo;Jacques;Jean;Jean-Baptiste;Jean-Claude;Jean-François;Jean-Luc;Jean-Marc;Jean-Marie;"
    "Jean-Michel;Jean-Paul;Jean-Philippe;Jean-Pierre;Jérémy;Jérôme;Joël;Jonathan;Joseph;Julien;Karim;"
    "Kévin;Laurent;Léo;Lionel;Loïc;Louis;Luc;Lucas;Ludovic;Marc;Marcel;Martin;Mathieu;Mathis;Maurice;"
    "Maxime;Mehdi;Michaël;Michel;Mickaël;Nathan;Nicolas;Noël;Olivier;Pascal;Patrice;Patrick;Paul;"
    "Philippe;Pierre;Quentin;Raphaël;Raymond;Rémi;Renaud;René;Richard;Robert;Robin;Rodolphe;Roger;"
    "Roland;Romain;Samuel;Sébastien;Serge;Simon;Stéphane;Steve;Sylvain;Théo;Thibault;Thierry;Thomas;"
    "Timothée;Tristan;Valentin;Victor;Vincent;Vivien;Xavier;Yann;Yannick;Yves;Yvon"
)
PRENOMS_M: tuple[str, ...] = tuple(_PRENOMS_M.split(";"))

_NOMS = (
    "ADAM;ALBERT;ANDRE;ANTOINE;ARNOLD;ARNOULD;AUBERT;AUBRY;BACH;BAILLY;BARBIER;BARTHELEMY;BASTIEN;"
    "BAUDOIN;BAUER;BAUMANN;BECKER;BENOIT;BERGER;BERNARD;BERTIN;BERTRAND;BESSON;BIGOT;BLAISE;BLANC;"
    "BLANCHARD;BLONDEL;BLUM;BOEHM;BONNET;BOUCHER;BOULANGER;BOUR;BOURGEOIS;BOUVIER;BOYER;BRAUN;BRETON;"
    "BRUN;BRUNET;BUCHER;BURGER;CARON;CARPENTIER;CHARLES;CHARPENTIER;CHEVALIER;CHRIST;CLAUDE;CLAUDEL;"
    "CLEMENT;COLIN;COLLIGNON;COLLIN;COLSON;CORDIER;COUSIN;DA SILVA;DANIEL;DAVID;DEMANGE;DENIS;"
    "DESCHAMPS;DIDIER;DIETRICH;DUBOIS;DUFOUR;DUMONT;DUPONT;DURAND;DUVAL;EHRHART;ERNST;ESCH;ETIENNE;"
    "EVRARD;FABRE;FAIVRE;FERRY;FISCHER;FLEURY;FONTAINE;FOURNIER;FRANCOIS;FREY;FRITSCH;FUCHS;GAILLARD;"
    "GARCIA;GARNIER;GAUTHIER;GEORGES;GERARD;GERARDIN;GILLET;GIRARD;GODARD;GRANDJEAN;GROSJEAN;GROSS;"
    "GUERIN;GUILLAUME;GUYOT;HAAS;HARTMANN;HECKEL;HEINRICH;HEITZ;HENRION;HENRY;HERMANN;HERRMANN;"
    "HOFFMANN;HUBER;HUBERT;HUGUET;HUMBERT;HUSSON;JACOB;JACQUEMIN;JACQUES;JACQUOT;JEAN;JEANNIN;JUNG;"
    "KAISER;KAUFFMANN;KELLER;KIEFFER;KLEIN;KOCH;KOEHLER;KRAUSS;KREMER;KUHN;KUNTZ;LAMBERT;LANG;LAURENT;"
    "LAVAL;LECLERC;LECOMTE;LEFEBVRE;LEFEVRE;LEGRAND;LEMAIRE;LEMOINE;LEONARD;LEROUX;LEROY;LORENTZ;LOUIS;"
    "LUCAS;LUDWIG;LUTZ;MAIRE;MANGIN;MARCHAL;MARCHAND;MARTIN;MARTINEZ;MARTZ;MARX;MASSON;MATHIEU;MATHIS;"
    "MAURER;MAURICE;MERCIER;METZGER;MEYER;MICHAUX;MICHEL;MILLOT;MOREAU;MOREL;MORIN;MOUGEOT;MULLER;"
    "NICOLAS;NOEL;NOIROT;OBERLE;OLIVIER;OTT;PARISOT;PARMENTIER;PASQUIER;PERNOT;PERRIN;PETER;PETIT;"
    "PETITJEAN;PFEIFFER;PHILIPPE;PICARD;PIERRE;PIERRON;PIERSON;POIROT;PREVOST;RAUCH;REMY;RENARD;RENAUD;"
    "RENAULT;RICHARD;RIEDINGER;RISSER;RITTER;ROBERT;ROBIN;ROGER;ROTH;ROUSSEAU;ROUSSEL;ROUSSELOT;ROUX;"
    "ROYER;SANCHEZ;SCHAEFFER;SCHERER;SCHMIDT;SCHMITT;SCHNEIDER;SCHOTT;SCHREIBER;SCHULTZ;SCHWARTZ;SIMON;"
    "SIMONIN;SPITZ;STEIN;STEINMETZ;STOLL;STRAUB;STREIFF;SUTTER;THIEBAUT;THIERY;THIRION;THOMAS;"
    "THOUVENIN;TISSERAND;TOUSSAINT;URBAN;VALENTIN;VAUTHIER;VAUTRIN;VERNIER;VILLEMIN;VINCENT;VOGEL;"
    "VOIRIN;VOGT;WAGNER;WALTER;WEBER;WEISS;WENDLING;WERNER;WILHELM;WINTER;WOLF;WOLFF;WURTZ;ZIEGLER;"
    "ZIMMER;ZIMMERMANN"
)
NOMS: tuple[str, ...] = tuple(_NOMS.split(";"))
