// The map: base map from our own files, aircraft as canvas shapes, trails coloured by altitude.

import { altitude, altitudeColour, callsign, isEmergency, isMilitary, isWatched } from "./format.js";
import { on, select, store } from "./store.js";
import { shown } from "./filters.js";

const L = window.L;
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Unit shapes, nose up, drawn at the aircraft's place and turned by its track.
const JET = [[0, -10], [1.5, -5], [1.5, -2], [10, 4], [10, 6], [1.5, 3], [1.2, 8], [4, 10.5], [4, 12], [0, 11],
  [-4, 12], [-4, 10.5], [-1.2, 8], [-1.5, 3], [-10, 6], [-10, 4], [-1.5, -2], [-1.5, -5]];
const DRONE = [[0, -9], [1.2, -4], [1.2, -1], [13, 0], [13, 1.6], [1.2, 2.4], [1, 7], [4, 10], [3, 11], [0, 8.5],
  [-3, 11], [-4, 10], [-1, 7], [-1.2, 2.4], [-13, 1.6], [-13, 0], [-1.2, -1], [-1.2, -4]];
const ROTOR = [[0, -8], [2, -5], [9, -9], [10, -8], [3, -2], [2.2, 3], [1, 4], [1, 10], [3, 11], [3, 12], [-3, 12],
  [-3, 11], [-1, 10], [-1, 4], [-2.2, 3], [-3, -2], [-10, -8], [-9, -9], [-2, -5]];
const DOT = [[0, -5], [4, -3], [5, 0], [4, 3], [0, 5], [-4, 3], [-5, 0], [-4, -3]];

function shape(aircraft) {
  if (aircraft.track === undefined && aircraft.true_heading === undefined) return DOT;
  if (aircraft.category === "A7") return ROTOR;
  if (aircraft.category === "B6" || aircraft.t === "Q9" || aircraft.t === "Q4") return DRONE;
  return JET;
}

const Plane = L && L.CircleMarker.extend({
  _updatePath() {
    const context = this._renderer._ctx;
    if (!this._renderer._drawing || this._empty()) return;
    const { aircraft, selected } = this.options;
    const turn = ((aircraft.track ?? aircraft.true_heading ?? 0) * Math.PI) / 180;
    const scale = selected ? 1.5 : 1;
    const { x, y } = this._point;
    context.save();
    context.translate(x, y);
    context.rotate(turn);
    context.scale(scale, scale);
    context.beginPath();
    for (const [px, py] of shape(aircraft)) context.lineTo(px, py);
    context.closePath();
    context.fillStyle = this.options.fillColor;
    context.fill();
    context.lineWidth = (selected || isWatched(aircraft) ? 2 : 1) / scale;
    context.strokeStyle = this.options.color;
    context.stroke();
    context.restore();
    if (isWatched(aircraft) || isEmergency(aircraft)) {
      context.beginPath();
      context.arc(x, y, 17, 0, 2 * Math.PI);
      context.lineWidth = 2;
      context.strokeStyle = css(isEmergency(aircraft) ? "--danger" : "--accent");
      context.stroke();
    }
  },
});

let map;
let canvas;
let base = [];
const planes = new Map();
const labels = new Map();
let trails;
let outline;
let places = [];
let placesLayer;
let placed = false;

export function makeMap() {
  map = L.map("map", {
    preferCanvas: true, zoomControl: true, worldCopyJump: true, minZoom: 2, maxZoom: 15, keyboard: true,
    attributionControl: true,
  }).setView([20, 0], 3);
  map.attributionControl.setPrefix("Leaflet");
  map.createPane("base").style.zIndex = 150;
  map.createPane("outline").style.zIndex = 300;
  canvas = L.canvas({ padding: 0.3 });
  trails = L.layerGroup().addTo(map);
  placesLayer = L.layerGroup().addTo(map);
  L.control.scale({ imperial: true, maxWidth: 140 }).addTo(map);
  map.on("moveend", drawPlaces);
  on("air", drawAircraft);
  on("filter", drawAircraft);
  on("selection", () => { drawAircraft(); drawTrails(); });
  on("station", start);
  new MutationObserver(restyle).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return map;
}

async function start() {
  const { tiles, view } = store.station;
  if (!placed && view) map.setView([view.lat, view.lon], view.zoom);
  placed = true;
  if (base.length) return;
  if (tiles) {
    base.push(L.tileLayer(tiles.url, { attribution: tiles.attribution, maxZoom: 15 }).addTo(map));
    return;
  }
  const response = await fetch("api/basemap");
  if (!response.ok) return;
  const layers = await response.json();
  const renderer = L.canvas({ pane: "base", padding: 0.5 });
  for (const [name, data] of Object.entries(layers)) {
    if (name === "places") { places = data; continue; }
    base.push(L.geoJSON(data, { interactive: false, renderer, pane: "base", style: styles(name) }).addTo(map));
    base.at(-1).layerName = name;
  }
  map.attributionControl.addAttribution("Natural Earth, GeoNames (CC BY 4.0)");
  drawPlaces();
}

function styles(name) {
  return {
    land: { stroke: false, fill: true, fillColor: css("--land"), fillOpacity: 1 },
    coast: { color: css("--coast"), weight: 1, fill: false },
    borders: { color: css("--border-line"), weight: 1, dashArray: "4 3", fill: false },
    regions: { color: css("--region-line"), weight: 0.6, dashArray: "2 4", fill: false },
    lakes: { stroke: true, color: css("--coast"), weight: 0.5, fill: true, fillColor: css("--water"), fillOpacity: 1 },
  }[name] ?? { color: css("--coast"), weight: 1, fill: false };
}

function restyle() {
  for (const layer of base) if (layer.layerName) layer.setStyle(styles(layer.layerName));
  drawAircraft();
  drawTrails();
}

function drawPlaces() {
  placesLayer.clearLayers();
  const bounds = map.getBounds().pad(0.05);
  const zoom = map.getZoom();
  const boxes = [];
  for (const [name, lat, lon, rank] of places) { // most important first
    if (rank > zoom + 1 || boxes.length >= 60) continue;
    if (!bounds.contains([lat, lon])) continue;
    const at = map.latLngToContainerPoint([lat, lon]);
    if (boxes.some((box) => Math.abs(box.x - at.x) < 90 && Math.abs(box.y - at.y) < 20)) continue;
    boxes.push(at);
    const icon = L.divIcon({ className: "place", html: textNode(name), iconSize: null });
    L.marker([lat, lon], { icon, interactive: false, keyboard: false, pane: "base" }).addTo(placesLayer);
  }
}

function textNode(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span;
}

function drawAircraft() {
  const seen = new Set();
  const zoom = map.getZoom();
  const crowded = store.aircraft.size > 80;
  for (const aircraft of store.aircraft.values()) {
    if (aircraft.lat === undefined || !shown(aircraft)) continue;
    seen.add(aircraft.hex);
    const selected = aircraft.hex === store.selected;
    const options = {
      aircraft, selected, renderer: canvas, radius: 14,
      color: css(isMilitary(aircraft) ? "--military" : "--plane-line"), fillColor: altitudeColour(altitude(aircraft)),
    };
    let plane = planes.get(aircraft.hex);
    if (!plane) {
      plane = new Plane([aircraft.lat, aircraft.lon], options);
      plane.on("click", (event) => { L.DomEvent.stop(event); select(aircraft.hex); });
      planes.set(aircraft.hex, plane.addTo(map));
    } else {
      Object.assign(plane.options, options);
      plane.setLatLng([aircraft.lat, aircraft.lon]);
    }
    const name = selected || isWatched(aircraft) || zoom >= (crowded ? 9 : 7) ? callsign(aircraft) || aircraft.hex : "";
    label(aircraft, name, selected);
  }
  for (const [hex, plane] of planes) {
    if (seen.has(hex)) continue;
    plane.remove();
    planes.delete(hex);
    labels.get(hex)?.remove();
    labels.delete(hex);
  }
  if (store.selected) drawTrails();
}

function label(aircraft, name, selected) {
  let marker = labels.get(aircraft.hex);
  if (!name) {
    marker?.remove();
    labels.delete(aircraft.hex);
    return;
  }
  if (!marker) {
    const icon = L.divIcon({ className: "label", html: document.createElement("span"), iconSize: null });
    marker = L.marker([aircraft.lat, aircraft.lon], { icon, interactive: false, keyboard: false }).addTo(map);
    labels.set(aircraft.hex, marker);
  } else {
    marker.setLatLng([aircraft.lat, aircraft.lon]);
  }
  const span = marker.getElement()?.firstChild;
  if (span && span.textContent !== name) span.textContent = name;
  marker.getElement()?.classList.toggle("selected", selected);
}

function drawTrails() {
  trails.clearLayers();
  for (const [hex, trail] of store.trails) {
    const aircraft = store.aircraft.get(hex);
    const wanted = hex === store.selected || (aircraft && isWatched(aircraft));
    if (!wanted || trail.length < 2) continue;
    // One line for each run of like colour; a pause of more than two minutes is drawn thin and dashed.
    let run = [trail[0]];
    let colour = altitudeColour(trail[0][3]);
    const flush = () => run.length > 1 && L.polyline(run.map(([, lat, lon]) => [lat, lon]),
      { renderer: canvas, color: colour, weight: 2.5, interactive: false }).addTo(trails);
    for (let index = 1; index < trail.length; index++) {
      const point = trail[index];
      const before = trail[index - 1];
      if (Math.abs(point[2] - before[2]) > 180) { flush(); run = [point]; continue; }
      if (point[0] - before[0] > 120) {
        flush();
        L.polyline([before, point].map(([, lat, lon]) => [lat, lon]),
          { renderer: canvas, color: colour, weight: 1, dashArray: "3 5", interactive: false }).addTo(trails);
        run = [point];
        continue;
      }
      run.push(point);
      const next = altitudeColour(Math.round((point[3] ?? 0) / 1000) * 1000);
      if (next !== colour) { flush(); run = [point]; colour = next; }
    }
    flush();
  }
}

/** Draw how far aircraft were heard in each direction: a list of [lat, lon]. */
export function drawOutline(points) {
  outline?.remove();
  if (points.length < 3) return;
  outline = L.polygon(points, { pane: "outline", color: css("--accent"), weight: 1, dashArray: "1 6", fill: false, interactive: false }).addTo(map);
}

export function show(lat, lon, zoom) {
  map.setView([lat, lon], zoom ?? Math.max(map.getZoom(), 9));
}
