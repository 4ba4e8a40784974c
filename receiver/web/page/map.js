// The map: what it is made of is in map/. Here it is put together, and told where to look.

import { fromAddress, note } from "./options.js";
import { on, select, store } from "./store.js";
import { drawAircraft, drawn } from "./map/aircraft.js";
import { baseState, drawBase, watchBase } from "./map/base.js";
import { readColours } from "./map/colours.js";
import { dayDrawn, watchDay } from "./map/day.js";
import { legend, paintRamp } from "./map/legend.js";
import { drawOutline, drawStation, outlined, showOutline, showTrack, stationDrawn } from "./map/overlays.js";
import { L, map } from "./map/surface.js";

export { baseState, dayDrawn, drawOutline, drawn, outlined, showOutline, showTrack, stationDrawn };

let placed = false; // whether it looks at a place that means something
let scale;

export function makeMap() {
  readColours();
  drawScale();
  legend().addTo(map);
  map.on("zoomend", drawAircraft);
  map.on("click", () => select(null));
  map.on("moveend", tellPlace);
  on("air", () => { if (!placed) fitOnce(); drawAircraft(); });
  on("filter", drawAircraft);
  on("chosen", drawAircraft);
  on("selection", (hex) => { if (!hex) showTrack(null); drawAircraft(); });
  on("station", () => { start(); drawStation(); });
  watchBase(); // once it is known where to look: no tile of elsewhere is fetched
  watchDay();
  on("options", (name) => {
    if (["rings", "distance"].includes(name)) { drawStation(); drawScale(); }
    if (name === "outline") showOutline();
    if (["altitude", "distance"].includes(name)) paintRamp();
    drawAircraft();
  });
  new MutationObserver(restyle).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  new ResizeObserver(() => map.invalidateSize({ pan: false })).observe(document.getElementById("map"));
  return map;
}

function drawScale() {
  scale?.remove();
  scale = L.control.scale({ imperial: true, maxWidth: 140 }).addTo(map);
}

/** Where an address says that the map looks: "latitude,longitude,zoom". */
function wantedPlace() {
  const [lat, lon, zoom] = (fromAddress().at ?? "").split(",").map(Number);
  return Math.abs(lat) <= 85 && Math.abs(lon) <= 360 && zoom >= 2 && zoom <= 18 ? { lat, lon, zoom } : null;
}

function start() {
  const view = wantedPlace() ?? store.station.view;
  if (!placed && view) { placed = true; map.setView([view.lat, view.lon], view.zoom, { animate: false }); }
}

function tellPlace() {
  if (!placed) return;
  const { lat, lng } = map.getCenter();
  const { view } = store.station;
  const usual = view && Math.abs(view.lat - lat) < 0.01 && Math.abs(view.lon - lng) < 0.01 && view.zoom === map.getZoom();
  note("at", usual ? null : `${lat.toFixed(3)},${lng.toFixed(3)},${map.getZoom()}`);
}

function restyle() {
  readColours();
  paintRamp();
  drawBase();
  drawStation();
  drawAircraft();
}

function fitOnce() {
  const points = [...store.aircraft.values()].filter((a) => a.lat !== undefined).map((a) => [a.lat, a.lon]);
  if (!points.length || store.station.name === undefined) return;
  placed = true;
  map.fitBounds(L.latLngBounds(points).pad(0.2), { maxZoom: 8, animate: false });
}

export function show(lat, lon, zoom) {
  map.setView([lat, lon], zoom ?? Math.max(map.getZoom(), 9));
}
