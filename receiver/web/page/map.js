// The map: base map from our own files, aircraft as canvas shapes with labels, trails coloured by altitude.

import { altitude, altitudeColour, altitudeStops, altitudeText, callsign, element, isEmergency, isMilitary, isWatched, setShade } from "./format.js";
import { on, select, store } from "./store.js";
import { shown } from "./filters.js";

const L = window.L;
const DETAIL_ZOOM = 7; // from here on the base map is fetched in finer cells
const CELL = 10; // degrees, as the server cuts them
const SHORT_TRAIL_S = 180;

let colours = {};
function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["accent", "danger", "military", "plane-line", "land", "coast", "border-line", "region-line", "water", "text", "page", "muted"]) {
    colours[name] = style.getPropertyValue(`--${name}`).trim();
  }
  setShade(Number(style.getPropertyValue("--shade")));
}

// Unit shapes, nose up, drawn at the aircraft's place and turned by its track.
const JET = [[0, -10], [1.5, -5], [1.5, -2], [10, 4], [10, 6], [1.5, 3], [1.2, 8], [4, 10.5], [4, 12], [0, 11],
  [-4, 12], [-4, 10.5], [-1.2, 8], [-1.5, 3], [-10, 6], [-10, 4], [-1.5, -2], [-1.5, -5]];
const DRONE = [[0, -9], [1.2, -4], [1.2, -1], [13, 0], [13, 1.6], [1.2, 2.4], [1, 7], [4, 10], [3, 11], [0, 8.5],
  [-3, 11], [-4, 10], [-1, 7], [-1.2, 2.4], [-13, 1.6], [-13, 0], [-1.2, -1], [-1.2, -4]];
const LIGHT = [[0, -8], [1.3, -5], [1.3, -3], [11, -2.4], [11, 0], [1.3, 0.6], [1, 6], [4, 7], [4, 9], [0, 8.4],
  [-4, 9], [-4, 7], [-1, 6], [-1.3, 0.6], [-11, 0], [-11, -2.4], [-1.3, -3], [-1.3, -5]];
const ROTOR = [[0, -8], [2, -5], [9, -9], [10, -8], [3, -2], [2.2, 3], [1, 4], [1, 10], [3, 11], [3, 12], [-3, 12],
  [-3, 11], [-1, 10], [-1, 4], [-2.2, 3], [-3, -2], [-10, -8], [-9, -9], [-2, -5]];
const DOT = [[0, -5], [4, -3], [5, 0], [4, 3], [0, 5], [-4, 3], [-5, 0], [-4, -3]];

const heading = (aircraft) => aircraft.track ?? aircraft.true_heading ?? aircraft.calc_track;

function shape(aircraft) {
  if (heading(aircraft) === undefined) return DOT;
  if (aircraft.category === "A7") return ROTOR;
  if (aircraft.category === "B6" || aircraft.t === "Q9" || aircraft.t === "Q4") return DRONE;
  if (aircraft.category === "A1" || aircraft.category === "B1" || aircraft.category === "B4") return LIGHT;
  return JET;
}

// An aircraft: its shape, a ring when it is watched, and its label, all on the canvas.
const Plane = L.CircleMarker.extend({
  _updateBounds() { // the label is drawn, too: what is not within the bounds would be left behind
    this._pxBounds = new L.Bounds(this._point.subtract([20, 20]), this._point.add([this.options.label ? 130 : 20, 26]));
  },
  _updatePath() {
    const context = this._renderer._ctx;
    if (!this._renderer._drawing || this._empty()) return;
    const { aircraft, selected, label, fillColor } = this.options;
    const scale = selected ? 1.5 : 1.05;
    const { x, y } = this._point;
    context.save();
    context.translate(x, y);
    context.rotate(((heading(aircraft) ?? 0) * Math.PI) / 180);
    context.scale(scale, scale);
    context.beginPath();
    for (const [px, py] of shape(aircraft)) context.lineTo(px, py);
    context.closePath();
    context.fillStyle = fillColor;
    context.fill();
    context.setLineDash([]); // whatever was drawn before
    context.lineWidth = (selected || isMilitary(aircraft) ? 2 : 1) / scale;
    context.strokeStyle = isMilitary(aircraft) ? colours.military : colours["plane-line"];
    context.stroke();
    context.restore();
    if (selected || isWatched(aircraft) || isEmergency(aircraft)) {
      context.beginPath();
      context.arc(x, y, selected ? 19 : 17, 0, 2 * Math.PI);
      context.lineWidth = 2;
      context.setLineDash(isEmergency(aircraft) ? [6, 3] : []);
      context.strokeStyle = isEmergency(aircraft) ? colours.danger : colours.accent;
      context.stroke();
      context.setLineDash([]);
    }
    if (!label) return;
    context.font = `${selected ? "700" : "500"} 11.5px system-ui, sans-serif`;
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 3;
    context.strokeStyle = colours.page;
    label.forEach((line, index) => {
      const top = y + (index - (label.length - 1) / 2) * 13;
      context.strokeText(line, x + 20, top, 106);
      context.fillStyle = index === 0 ? (isEmergency(aircraft) ? colours.danger : isWatched(aircraft) || selected ? colours.accent : colours.text) : colours.muted;
      context.fillText(line, x + 20, top, 106);
    });
  },
});

// A trail: one line, each part in the colour of its altitude; a pause of more than two minutes thin and dashed.
const Trail = L.Polyline.extend({
  options: { noClip: true, smoothFactor: 0, interactive: false },
  _updatePath() {
    const context = this._renderer._ctx;
    const points = this._parts[0];
    if (!this._renderer._drawing || !points || points.length < 2) return;
    const { trail, weight, opacity } = this.options;
    context.save();
    context.globalAlpha = opacity;
    context.lineJoin = "round";
    context.lineCap = "round";
    const stroke = (from, to, feet, pause) => {
      context.beginPath();
      context.moveTo(points[from].x, points[from].y);
      for (let index = from + 1; index <= to; index++) context.lineTo(points[index].x, points[index].y);
      context.strokeStyle = altitudeColour(feet);
      context.lineWidth = pause ? 1 : weight;
      context.setLineDash(pause ? [3, 5] : []);
      context.stroke();
    };
    const step = (feet) => (feet === null ? null : Math.round(feet / 1000));
    let from = 0;
    for (let index = 1; index < points.length; index++) {
      const [before, point] = [trail[index - 1], trail[index]];
      const jump = Math.abs(point[2] - before[2]) > 180; // the date line
      const pause = point.length > 4 ? point[4] === 1 : point[0] - before[0] > 120; // long trails come thinned
      if (!jump && !pause && step(point[3]) === step(before[3])) continue;
      if (index - 1 > from) stroke(from, index - 1, before[3], false);
      if (!jump) stroke(index - 1, index, point[3], pause);
      from = index;
    }
    if (points.length - 1 > from) stroke(from, points.length - 1, trail.at(-1)[3], false);
    context.restore();
  },
});

let map;
let canvas;
let baseCanvas;
let placesLayer;
let outline;
let alertTrack;
let ramp;
let placed = false;
let base = []; // layers with `layerName`
let worldPlaces = [];
const cells = new Map(); // "west/south" -> {layers, places} or null while it is fetched
const planes = new Map();
const trails = new Map();

export function makeMap() {
  readColours();
  map = L.map("map", { preferCanvas: true, worldCopyJump: true, minZoom: 2, maxZoom: 15, zoomSnap: 0.5 }).setView([20, 0], 3);
  map.attributionControl.setPrefix("Leaflet");
  map.createPane("base").style.zIndex = 150;
  map.createPane("names").style.zIndex = 160;
  canvas = L.canvas({ padding: 0.3 });
  baseCanvas = L.canvas({ pane: "base", padding: 0.4 });
  placesLayer = L.layerGroup().addTo(map);
  L.control.scale({ imperial: true, maxWidth: 140 }).addTo(map);
  legend().addTo(map);
  map.on("moveend", () => { drawCells(); drawPlaces(); });
  map.on("zoomend", drawAircraft);
  map.on("click", () => select(null));
  on("air", drawAircraft);
  on("filter", drawAircraft);
  on("selection", (hex) => { if (!hex) showTrack(null); drawAircraft(); });
  on("station", start);
  new MutationObserver(restyle).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return map;
}

function legend() {
  const control = L.control({ position: "bottomright" });
  control.onAdd = () => {
    ramp = element("div", { class: "ramp" });
    paintRamp();
    return element("div", { class: "legend", role: "img", "aria-label": "colour of altitude, 0 to 40,000 feet" }, ramp,
      element("div", { class: "ticks" }, ...["0", "10", "20", "30", "40,000 ft"].map((text) => element("span", {}, text))));
  };
  return control;
}

function paintRamp() {
  const colours = altitudeStops.map(([feet]) => `${altitudeColour(feet)} ${(feet / 42000) * 100}%`);
  ramp.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
}

async function start() {
  const { tiles, view } = store.station;
  if (!placed && view) { map.setView([view.lat, view.lon], view.zoom); placed = true; }
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

function restyle() {
  readColours();
  paintRamp();
  for (const layer of [...base, ...[...cells.values()].flatMap((cell) => cell?.layers ?? [])]) {
    if (layer.layerName) layer.setStyle(styles(layer.layerName));
  }
  drawAircraft();
}

/** Finer base map where the map has been zoomed in. */
async function drawCells() {
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
      if (cells.has(name) || south < -90 || south >= 90 || west < -180 || west >= 180) continue;
      cells.set(name, null);
      fetchJson(`api/basemap/${name}`).then((layers) => {
        if (!layers) { cells.delete(name); return; }
        const ground = L.rectangle([[south, west], [south + CELL, west + CELL]], { ...styles("ground"), interactive: false, renderer: baseCanvas, pane: "base" });
        ground.layerName = "ground";
        cells.set(name, { layers: [ground.addTo(map), ...baseLayers(layers)], places: layers.places ?? [] });
        if (map.getZoom() < DETAIL_ZOOM) drawCells();
        drawPlaces();
      });
    }
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

function fitOnce() {
  const points = [...store.aircraft.values()].filter((a) => a.lat !== undefined).map((a) => [a.lat, a.lon]);
  if (!points.length || store.station.name === undefined) return;
  placed = true;
  map.fitBounds(L.latLngBounds(points).pad(0.2), { maxZoom: 8, animate: false });
}

function important(aircraft) {
  return (aircraft.hex === store.selected ? 4 : 0) + (isEmergency(aircraft) ? 3 : 0) + (isWatched(aircraft) ? 2 : 0) + (isMilitary(aircraft) ? 1 : 0);
}

function labelOf(aircraft, boxes, everybody) {
  if (!everybody && !important(aircraft)) return null;
  const at = map.latLngToContainerPoint([aircraft.lat, aircraft.lon]);
  const overlaps = boxes.some((box) => Math.abs(box.x - at.x) < 76 && Math.abs(box.y - at.y) < 26);
  if (overlaps && important(aircraft) < 2) return null;
  boxes.push(at);
  const feet = altitudeText(aircraft);
  const climb = aircraft.baro_rate ?? aircraft.geom_rate ?? 0;
  const arrow = climb > 250 ? " ↑" : climb < -250 ? " ↓" : "";
  return [callsign(aircraft) || aircraft.hex, `${feet}${arrow}`];
}

function drawAircraft() {
  if (!placed) fitOnce();
  const visible = [...store.aircraft.values()].filter((aircraft) => aircraft.lat !== undefined && shown(aircraft));
  visible.sort((a, b) => important(b) - important(a) || (a.hex < b.hex ? -1 : 1));
  const everybody = map.getZoom() >= (visible.length > 80 ? 8 : 6);
  const boxes = [];
  const seen = new Set();
  for (const aircraft of visible) {
    seen.add(aircraft.hex);
    const selected = aircraft.hex === store.selected;
    const options = { aircraft, selected, label: labelOf(aircraft, boxes, everybody), fillColor: altitudeColour(altitude(aircraft)) };
    const at = [aircraft.lat, aircraft.lon];
    drawTrail(aircraft, selected || isWatched(aircraft), visible.length);
    let plane = planes.get(aircraft.hex);
    if (!plane) {
      plane = new Plane(at, { ...options, renderer: canvas, radius: 12 });
      plane.on("click", (event) => { L.DomEvent.stop(event); select(aircraft.hex); });
      planes.set(aircraft.hex, plane.addTo(map));
      continue;
    }
    const before = plane.options;
    const same = before.aircraft === aircraft && before.selected === selected && String(before.label) === String(options.label);
    Object.assign(plane.options, options);
    if (!same) plane.setLatLng(at);
    else plane.redraw();
  }
  for (const aircraft of visible.filter(important).reverse()) planes.get(aircraft.hex)?.bringToFront(); // the most important last
  const kept = store.selected && store.trails.has(store.selected) && !seen.has(store.selected) ? store.selected : null;
  if (kept) drawTrail({ hex: kept }, true, 0); // it has left; its trail stays while it is selected
  for (const [hex, plane] of planes) if (!seen.has(hex)) { plane.remove(); planes.delete(hex); }
  for (const [hex, line] of trails) if (!seen.has(hex) && hex !== kept) { line.remove(); trails.delete(hex); }
}

function drawTrail(aircraft, whole, count) {
  const all = store.trails.get(aircraft.hex) ?? [];
  const span = count > 150 ? SHORT_TRAIL_S / 2 : SHORT_TRAIL_S;
  let first = 0;
  if (!whole) while (first < all.length && all[first][0] < store.now - span) first++;
  const trail = all.slice(first);
  if (aircraft.lat !== undefined && trail.length) trail.push([store.now, aircraft.lat, aircraft.lon, altitude(aircraft) ?? null]);
  let line = trails.get(aircraft.hex);
  const style = { trail, weight: whole ? 3 : 2, opacity: whole ? 1 : 0.65 };
  if (trail.length < 2) {
    line?.remove();
    trails.delete(aircraft.hex);
  } else if (line) {
    Object.assign(line.options, style);
    line.setLatLngs(trail.map(([, lat, lon]) => [lat, lon]));
  } else {
    line = new Trail(trail.map(([, lat, lon]) => [lat, lon]), { ...style, renderer: canvas });
    trails.set(aircraft.hex, line.addTo(map).bringToBack());
  }
}

/** How far aircraft were heard in each direction: a list of [lat, lon]. Drawn while the receiver is looked at. */
export function drawOutline(points) {
  const visible = outline ? map.hasLayer(outline) : false;
  outline?.remove();
  outline = points.length < 3 ? undefined : L.polygon(points, { renderer: canvas, color: colours.accent, weight: 1.5, dashArray: "1 5",
    fill: false, interactive: false });
  if (visible) outline?.addTo(map).bringToBack();
}

export function showOutline(visible) {
  if (visible) outline?.addTo(map).bringToBack();
  else outline?.remove();
}

/** Draw the track of an alert and look at its pattern, else at all of it; null takes it away. */
export function showTrack(trail, pattern) {
  alertTrack?.remove();
  alertTrack = undefined;
  if (!trail || trail.length < 2) return false;
  const points = trail.map(([, lat, lon]) => [lat, lon]);
  alertTrack = new Trail(points, { trail, weight: 3, opacity: 0.9, renderer: canvas }).addTo(map).bringToBack();
  const around = pattern && L.latLng(pattern.lat, pattern.lon).toBounds(2000 * Math.max(5, 2.2 * pattern.radius_km));
  map.fitBounds(around ?? L.latLngBounds(points).pad(0.25), { maxZoom: 11 });
  return true;
}

export function show(lat, lon, zoom) {
  map.setView([lat, lon], zoom ?? Math.max(map.getZoom(), 9));
}

/** What is on the map, for the page's own checks: places in pixels and labels of the aircraft that are drawn. */
export function drawn() {
  return [...planes].map(([hex, plane]) => {
    const { x, y } = map.latLngToContainerPoint(plane.getLatLng());
    return { hex, x, y, label: plane.options.label, trail: trails.get(hex)?.getLatLngs().length ?? 0 };
  });
}

export const outlined = () => Boolean(outline && map.hasLayer(outline));
