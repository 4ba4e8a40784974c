// The map: what it is made of is in map/. Here it is put together, and told where to look.

import { on, select, store } from "./store.js";
import { drawAircraft, drawn } from "./map/aircraft.js";
import { loadBase, restyleBase, watchBase } from "./map/base.js";
import { readColours } from "./map/colours.js";
import { legend, paintRamp } from "./map/legend.js";
import { drawOutline, outlined, showOutline, showTrack } from "./map/overlays.js";
import { L, map } from "./map/surface.js";

export { drawOutline, drawn, outlined, showOutline, showTrack };

let placed = false; // whether it looks at a place that means something

export function makeMap() {
  readColours();
  L.control.scale({ imperial: true, maxWidth: 140 }).addTo(map);
  legend().addTo(map);
  watchBase();
  map.on("zoomend", drawAircraft);
  map.on("click", () => select(null));
  on("air", () => { if (!placed) fitOnce(); drawAircraft(); });
  on("filter", drawAircraft);
  on("selection", (hex) => { if (!hex) showTrack(null); drawAircraft(); });
  on("station", start);
  new MutationObserver(restyle).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return map;
}

function start() {
  const { view } = store.station;
  if (!placed && view) { map.setView([view.lat, view.lon], view.zoom); placed = true; }
  loadBase();
}

function restyle() {
  readColours();
  paintRamp();
  restyleBase();
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
