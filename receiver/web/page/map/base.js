// The base map from our own files: land, water, borders and names; finer where the map has been zoomed in.

import { element } from "../format.js";
import { store } from "../store.js";
import { colours } from "./colours.js";
import { L, baseCanvas, map } from "./surface.js";

const DETAIL_ZOOM = 7; // from here on the base map is fetched in finer cells
const CELL = 10; // degrees, as the server cuts them

const placesLayer = L.layerGroup().addTo(map);
let base = []; // layers with `layerName`
let worldPlaces = [];
const CELLS = 16; // most that are kept; a screen shows at most six
const RETRY_MS = 3000;
const cells = new Map(); // "west/south" -> {layers, places, ground} or null while it is fetched

/** Fetch the base map, once. */
export async function loadBase() {
  const { tiles } = store.station;
  if (base.length) return;
  if (tiles) {
    base.push(L.tileLayer(tiles.url, { attribution: textMarkup(tiles.attribution), maxZoom: 15 }).addTo(map));
    return;
  }
  const layers = await fetchJson("api/basemap");
  if (!layers || base.length) return;
  dropSlivers(layers.lakes);
  worldPlaces = layers.places ?? [];
  base = baseLayers(layers);
  map.attributionControl.addAttribution("Natural Earth, GeoNames (CC BY 4.0)");
  drawCells();
  drawPlaces();
}

async function fetchJson(address) {
  const response = await fetch(address).catch(() => null);
  return response?.ok ? response.json() : null;
}

/** Leave out the lakes of which so little is left at the world's detail that they are triangles. */
function dropSlivers(lakes) {
  if (lakes?.geometry?.type !== "MultiPolygon") return;
  lakes.geometry.coordinates = lakes.geometry.coordinates.filter(([outer]) => outer.length > 6);
}

/** Text as markup that shows just this text: Leaflet takes its attribution as HTML. */
function textMarkup(text) {
  return element("span", {}, text ?? "").innerHTML;
}

function baseLayers(layers) {
  const made = [];
  for (const name of ["land", "lakes", "regions", "borders", "coast"]) {
    if (!layers[name]) continue;
    const layer = L.geoJSON(layers[name], { interactive: false, renderer: baseCanvas, pane: "base", smoothFactor: 0.6, style: styles(name) });
    layer.layerName = name;
    made.push(layer.addTo(map));
  }
  return made;
}

function styles(name) {
  return {
    ground: { stroke: false, fill: true, fillColor: colours.water, fillOpacity: 1 },
    land: { stroke: false, fill: true, fillColor: colours.land, fillOpacity: 1 },
    coast: { color: colours.coast, weight: 1, fill: false },
    borders: { color: colours["border-line"], weight: 1, dashArray: "4 3", fill: false },
    regions: { color: colours["region-line"], weight: 0.7, dashArray: "2 4", fill: false },
    lakes: { stroke: true, color: colours.coast, weight: 0.5, fill: true, fillColor: colours.water, fillOpacity: 1 },
  }[name];
}

export function restyleBase() {
  for (const layer of [...base, ...[...cells.values()].flatMap((cell) => cell?.layers ?? [])]) {
    if (layer.layerName) layer.setStyle(styles(layer.layerName));
  }
}

/** Finer base map where the map has been zoomed in. */
function drawCells() {
  if (store.station.tiles || !base.length) return;
  const close = map.getZoom() >= DETAIL_ZOOM;
  for (const cell of cells.values()) {
    for (const layer of cell?.layers ?? []) if (close !== map.hasLayer(layer)) close ? layer.addTo(map) : layer.remove();
  }
  if (!close) return;
  const view = map.getBounds();
  const first = (degrees) => Math.floor(degrees / CELL) * CELL;
  for (let west = first(view.getWest()); west < view.getEast(); west += CELL) {
    for (let south = first(view.getSouth()); south < view.getNorth(); south += CELL) {
      const name = `${((((west + 180) % 360) + 360) % 360) - 180}/${south}`;
      if (south < -90 || south >= 90 || west < -180 || west >= 180) continue;
      const known = cells.get(name);
      cells.delete(name);
      cells.set(name, known ?? null); // those in view are the newest
      if (known === undefined) fetchCell(name, west, south);
    }
  }
  forgetCells();
}

async function fetchCell(name, west, south) {
  const layers = await fetchJson(`api/basemap/${name}`);
  if (!cells.has(name)) return; // no longer wanted
  if (!layers) {
    cells.delete(name);
    setTimeout(drawCells, RETRY_MS); // the server is busy, or away
    return;
  }
  const ground = L.rectangle([[south, west], [south + CELL, west + CELL]], { ...styles("ground"), interactive: false, renderer: baseCanvas, pane: "base" });
  ground.layerName = "ground";
  cells.set(name, { layers: [ground.addTo(map), ...baseLayers(layers)], places: layers.places ?? [] });
  if (map.getZoom() < DETAIL_ZOOM) drawCells();
  drawPlaces();
}

/** Let go of the cells that have been out of view longest: a page may be open for weeks. */
function forgetCells() {
  for (const [name, cell] of cells) {
    if (cells.size <= CELLS) return;
    for (const layer of cell?.layers ?? []) layer.remove();
    cells.delete(name);
  }
}

function drawPlaces() {
  placesLayer.clearLayers();
  const bounds = map.getBounds().pad(0.05);
  const zoom = map.getZoom();
  const boxes = [];
  const near = zoom >= DETAIL_ZOOM ? [...cells.values()].flatMap((cell) => cell?.places ?? []) : [];
  for (const [name, lat, lon, rank] of [...worldPlaces, ...near]) { // most important first
    if (rank > zoom + 1 || boxes.length >= 50) continue;
    if (!bounds.contains([lat, lon])) continue;
    const at = map.latLngToContainerPoint([lat, lon]);
    if (boxes.some((box) => Math.abs(box.x - at.x) < 100 && Math.abs(box.y - at.y) < 22)) continue;
    boxes.push(at);
    const icon = L.divIcon({ className: "place", html: element("span", {}, name), iconSize: null });
    L.marker([lat, lon], { icon, interactive: false, keyboard: false, pane: "names" }).addTo(placesLayer);
  }
}

export function watchBase() {
  map.on("moveend", () => { drawCells(); drawPlaces(); });
}

/** The cells that are kept, for the page's own checks. */
export const keptCells = () => [...cells.keys()];
