// Points at any scale: the server adds up what is far out, sends one by one what is close in; this draws it on one
// canvas. Text that comes from data is only ever written as text.
const { L } = window; // Leaflet, an installed package that this server gives

const [POINT, LIEU, SECTEUR] = [0, 1, 2];
const COTE = 256, PROFOND = 16;
const base = new URL("../../", window.location.href).href;
const dire = (type, data) => window.parent.postMessage({ isStreamlitMessage: true, type, ...data }, "*");
const nombre = new Intl.NumberFormat("fr-FR");
const etat = document.getElementById("etat");

// A circle that says how many it stands for.
const Cercle = L.CircleMarker.extend({
  _updatePath() {
    this._renderer._updateCircle(this);
    const { compte, radius, tu } = this.options;
    if (!compte || tu || this._empty()) return;
    const ctx = this._renderer._ctx;
    ctx.fillStyle = "#ffffff";
    ctx.font = `600 ${radius > 11 ? 11 : 10}px sans-serif`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(compte, this._point.x, this._point.y + 0.5);
  },
});

// Leaflet takes the focus at a press of the mouse: a map half out of sight would then slide under the pointer.
L.Map.Keyboard.include({
  _onMouseDown() {
    if (!this._focused) this._map.getContainer().focus({ preventScroll: true });
  },
});

const carte = L.map("carte", {
  preferCanvas: true,
  zoomControl: false,
  attributionControl: false,
  minZoom: 4,
  maxZoom: 18,
  zoomSnap: 0.25, // nothing drawn has a scale of its own: the territory fills the frame
  dragging: !L.Browser.mobile, // one finger scrolls the page, two move the map
  maxBoundsViscosity: 0.6,
  zoomAnimation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
});
L.control.zoom({ zoomInTitle: "Agrandir", zoomOutTitle: "Réduire" }).addTo(carte);
L.control.scale({ imperial: false }).addTo(carte);
carte.createPane("contours").style.zIndex = 300;
Object.assign(carte.createPane("choisi").style, { zIndex: 310, pointerEvents: "none" });
Object.assign(carte.createPane("villes").style, { zIndex: 450, pointerEvents: "none" });
const toile = L.canvas({ padding: 0.3, tolerance: 3 });
const bulle = L.tooltip({ direction: "top", offset: [0, -6] });
const montrees = new Map(); // tile -> its circles on the map
const recues = new Map(); // tile -> promise of its items
const noms = L.layerGroup().addTo(carte);
let villes = [];
const choisi = L.layerGroup().addTo(carte);
let demande = null, cadre = "", entoure = "[]", fond = null, tour = 0, clics = 0;

const coin = L.control({ position: "bottomright" });
coin.onAdd = () => Object.assign(document.createElement("div"), { className: "coin" });
coin.addTo(carte);
const credit = L.control.attribution({ position: "bottomleft", prefix: false });

function rayon(n) {
  return n === 1 ? 4 : Math.min(15, 5 + 2.6 * Math.log10(n));
}

function court(n) {
  return n < 1000 ? String(n) : `${nombre.format(n < 9950 ? Math.round(n / 100) / 10 : Math.round(n / 1000))}k`;
}

function abrege(n) {
  return n < 5 ? "" : court(n);
}

function cercle(item) {
  const [, longitude, latitude, n, categorie] = item;
  const forme = new Cercle([latitude, longitude], {
    renderer: toile,
    radius: rayon(n),
    compte: n === 1 ? "" : abrege(n),
    color: "#ffffff",
    weight: 1,
    fillColor: demande.couleurs[Math.min(categorie, demande.couleurs.length - 1)],
    fillOpacity: n === 1 ? 0.8 : 0.9,
  });
  forme.item = item;
  return forme;
}

function texte([genre, , , n, categorie, , dit]) {
  if (genre === POINT) return dit || "";
  const qui = `${nombre.format(n)} ${demande.noms}`;
  const surtout = demande.categories[categorie] ? ` ; en tête\u202f: ${demande.categories[categorie]}` : "";
  const geste = genre === LIEU ? "cliquez pour la liste" : "cliquez pour approcher";
  return `${qui} ${genre === LIEU ? "à cette adresse" : "ici"}${surtout} ; ${geste}`;
}

function survole(event) {
  const mot = document.createElement("span");
  mot.textContent = texte(event.propagatedFrom.item);
  bulle.setLatLng(event.propagatedFrom.getLatLng()).setContent(mot).addTo(carte);
}

function clique(event) {
  const [genre, longitude, latitude, , , code] = event.propagatedFrom.item;
  bulle.remove();
  if (genre === SECTEUR) {
    carte.setView([latitude, longitude], Math.min(carte.getZoom() + 2, carte.getMaxZoom()));
    return;
  }
  clics += 1;
  const choisi = genre === POINT ? { point: code } : { lieu: code };
  dire("streamlit:setComponentValue", { value: { ...choisi, clic: clics }, dataType: "json" });
}

async function lire(tuile) {
  if (demande.objets) return demande.objets;
  const reponse = await fetch(`${base}obs-points/${demande.couche}/${tuile}.json?${demande.requete}`);
  if (!reponse.ok) throw new Error((await reponse.text()) || String(reponse.status));
  return reponse.json();
}

function visibles() {
  if (demande.objets) return ["tout"];
  const z = Math.min(Math.floor(carte.getZoom()), PROFOND);
  const bornes = carte.getBounds().pad(0.1);
  const haut = carte.project(bornes.getNorthWest(), z).divideBy(COTE).floor();
  const bas = carte.project(bornes.getSouthEast(), z).divideBy(COTE).floor();
  const limite = 2 ** z - 1;
  const tuiles = [];
  for (let x = Math.max(haut.x, 0); x <= Math.min(bas.x, limite); x += 1)
    for (let y = Math.max(haut.y, 0); y <= Math.min(bas.y, limite); y += 1) tuiles.push(`${z}/${x}/${y}`);
  return tuiles;
}

async function dessiner() {
  if (!demande) return;
  tour += 1;
  const moi = tour, tuiles = visibles();
  document.body.dataset.etat = "charge";
  try {
    await Promise.all(
      tuiles.map(async (tuile) => {
        if (!recues.has(tuile)) recues.set(tuile, lire(tuile));
        const items = await recues.get(tuile).catch((erreur) => {
          recues.delete(tuile);
          throw erreur;
        });
        if (moi !== tour || montrees.has(tuile)) return;
        // The largest first: a small circle is never hidden under a large one.
        items.sort((a, b) => b[3] - a[3]);
        const groupe = L.featureGroup(items.map(cercle));
        groupe.on("mouseover", survole).on("mouseout", () => bulle.remove()).on("click", clique);
        montrees.set(tuile, groupe.addTo(carte));
      }),
    );
  } catch (erreur) {
    if (moi !== tour) return;
    etat.textContent = `La carte n’a pas pu être lue\u202f: ${erreur.message} Rechargez la page.`;
    document.body.dataset.etat = "erreur";
    return;
  }
  if (moi !== tour) return;
  // What was shown at another scale goes only now: the map is never blank in between.
  for (const [tuile, groupe] of montrees) {
    if (!tuiles.includes(tuile)) {
      groupe.remove();
      montrees.delete(tuile);
    }
  }
  if (recues.size > 400) for (const tuile of [...recues.keys()].slice(0, 200)) recues.delete(tuile);
  let compte = 0;
  for (const groupe of montrees.values()) groupe.eachLayer((forme) => (compte += forme.item[3]));
  etat.textContent = "";
  document.body.dataset.points = compte;
  document.body.dataset.cadre = carte.getBounds().toBBoxString(); // west, south, east, north
  nommer();
  document.body.dataset.etat = "pret";
  performance.mark("premiers-points"); // what is measured of the map, by the browser's own clock
}

async function contours() {
  const reponse = await fetch(`${base}obs-points/contours.json`);
  if (!reponse.ok) return;
  const style = { color: "#8a97a6", weight: 1, fill: true, fillColor: "#ffffff", fillOpacity: 1 };
  const { contours: traits, villes: lieux } = await reponse.json();
  L.geoJSON(traits, { style, interactive: false, pane: "contours", renderer: L.svg({ pane: "contours" }) }).addTo(carte);
  villes = lieux;
  nommer();
}

// The numbers that would be written over one another: the largest circles keep theirs, the others are silent.
function chiffrer() {
  const ecrits = [];
  const cercles = [...montrees.values()].flatMap((groupe) => groupe.getLayers());
  for (const forme of cercles.filter((une) => une.options.compte).sort((a, b) => b.item[3] - a.item[3])) {
    const { x, y } = carte.latLngToContainerPoint(forme.getLatLng());
    const r = forme.options.radius;
    const tu = ecrits.some((autre) => Math.hypot(autre.x - x, autre.y - y) < autre.r + r - 1);
    if (tu !== Boolean(forme.options.tu)) {
      forme.options.tu = tu;
      if (tu) forme.bringToBack(); // it would cover the number of the larger one
      else forme.redraw();
    }
    if (!tu) ecrits.push({ x, y, r });
  }
  return ecrits;
}

const PLACES = [[0, 15], [0, -15], [1, 0], [-1, 0]]; // under the town, over it, at its right, at its left

// Where a town's name covers no number and no other name; nowhere when each place is taken.
function place(point, large, pris) {
  for (const [cote, hauteur] of PLACES) {
    const x = point.x + (cote ? cote * (large / 2 + 9) : 0);
    const y = point.y + hauteur;
    const boite = { gauche: x - large / 2, droite: x + large / 2, haut: y - 8, bas: y + 8 };
    if (!pris.some((b) => b.gauche < boite.droite && b.droite > boite.gauche && b.haut < boite.bas && b.bas > boite.haut))
      return boite;
  }
  return null;
}

const regle = document.createElement("canvas").getContext("2d");

// The largest towns in view, far enough from one another to be read, and clear of the circles' numbers.
function nommer() {
  const ecrits = chiffrer();
  noms.clearLayers();
  if (!demande || demande.plan) return;
  const poses = [];
  const pris = ecrits.map(({ x, y, r }) => ({ gauche: x - r, droite: x + r, haut: y - r, bas: y + r }));
  const vue = carte.getBounds();
  regle.font = `600 13px ${getComputedStyle(document.body).fontFamily}`;
  for (const [longitude, latitude, nom] of villes) {
    if (poses.length >= 12) break;
    if (!vue.contains([latitude, longitude])) continue;
    const point = carte.latLngToContainerPoint([latitude, longitude]);
    if (poses.some((autre) => Math.abs(autre.x - point.x) < 90 && Math.abs(autre.y - point.y) < 40)) continue;
    const boite = place(point, regle.measureText(nom).width + 4, pris);
    if (!boite) continue;
    poses.push(point);
    pris.push(boite);
    const mot = document.createElement("span");
    mot.textContent = nom;
    mot.style.left = `${(boite.gauche + boite.droite) / 2 - point.x}px`;
    mot.style.top = `${(boite.haut + boite.bas) / 2 - point.y}px`;
    const icon = L.divIcon({ className: "ville", html: mot, iconSize: null });
    L.marker([latitude, longitude], { icon, interactive: false, keyboard: false, pane: "villes" }).addTo(noms);
  }
}

// The territory that the reader chose, its outline under the points.
function entourer(traits) {
  choisi.clearLayers();
  if (!traits?.length) return;
  const style = { color: "#0b6b66", weight: 2, fill: false };
  L.geoJSON(traits, { style, interactive: false, pane: "choisi", renderer: L.svg({ pane: "choisi" }) }).addTo(choisi);
}

function rendre(voulu) {
  const change = !demande || voulu.requete !== demande.requete || voulu.couche !== demande.couche;
  const meme = JSON.stringify(voulu.bornes);
  demande = voulu;
  document.getElementById("carte").style.height = `${voulu.hauteur}px`;
  document.getElementById("carte").setAttribute("aria-label", voulu.alternative);
  document.getElementById("carte").setAttribute("role", "region");
  coin.getContainer().textContent = voulu.coin;
  if (JSON.stringify(voulu.traits ?? []) !== entoure) {
    entoure = JSON.stringify(voulu.traits ?? []);
    entourer(voulu.traits);
  }
  if (change) {
    for (const groupe of montrees.values()) groupe.remove();
    montrees.clear();
    recues.clear();
  }
  if (voulu.plan && !fond) {
    fond = L.tileLayer(voulu.plan, { maxZoom: 19, opacity: 0.75, attribution: voulu.credit }).addTo(carte);
    credit.addTo(carte);
    carte.getPane("contours").style.opacity = 0;
  } else if (!voulu.plan && fond) {
    fond.remove();
    credit.remove();
    carte.getPane("contours").style.opacity = 1;
    fond = null;
  }
  dire("streamlit:setFrameHeight", { height: voulu.hauteur });
  carte.invalidateSize({ animate: false });
  if (meme !== cadre) {
    cadre = meme;
    const [ouest, sud, est, nord] = voulu.bornes;
    carte.fitBounds([[sud, ouest], [nord, est]], { animate: false, maxZoom: 14, padding: [24, 24] });
  }
  nommer();
  if (change) dessiner();
}

carte.on("moveend", () => {
  nommer();
  dessiner();
});
window.addEventListener("message", (event) => {
  if (event.source === window.parent && event.data?.type === "streamlit:render") rendre(event.data.args);
});
contours();
dire("streamlit:componentReady", { apiVersion: 1 });
