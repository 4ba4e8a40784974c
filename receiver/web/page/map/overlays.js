// What is drawn besides aircraft: the station with its range, the track of an alert.

import { isOn } from "../options.js";
import { store } from "../store.js";
import { distanceUnit, metresPerUnit } from "../units.js";
import { colours } from "./colours.js";
import { L, canvas, map } from "./surface.js";
import { Trail } from "./trails.js";

const RINGS = { nmi: [50, 100, 150, 200, 250], km: [100, 200, 300, 400], mi: [50, 100, 150, 200, 250] };

let outline;
let alertTrack;
let station = [];

/** How far aircraft were received in each direction: a list of [lat, lon]. */
export function drawOutline(points) {
  outline?.remove();
  outline = points.length < 3 ? undefined : L.polygon(points, { renderer: canvas, color: colours.accent, weight: 1.5, dashArray: "1 5",
    fill: false, interactive: false });
  showOutline();
}

export function showOutline() {
  if (isOn("outline")) outline?.addTo(map).bringToBack();
  else outline?.remove();
}

export const outlined = () => Boolean(outline && map.hasLayer(outline));

/** The station, as far as its place is published, and circles around it. */
export function drawStation() {
  for (const layer of station) layer.remove();
  station = [];
  const { view } = store.station;
  if (!view || !isOn("rings")) return;
  const at = [view.lat, view.lon];
  const style = { renderer: canvas, color: colours.muted, weight: 1, opacity: 0.6, fill: false, interactive: false };
  for (const far of RINGS[distanceUnit()]) {
    const radius = far * metresPerUnit();
    station.push(L.circle(at, { ...style, radius }).addTo(map).bringToBack());
    const name = L.divIcon({ className: "ring", html: `${far} ${distanceUnit()}`, iconSize: null });
    station.push(L.marker([view.lat + radius / 111_195, view.lon], { icon: name, interactive: false, keyboard: false, pane: "names" }).addTo(map));
  }
  station.push(L.circleMarker(at, { renderer: canvas, radius: 5, color: colours.page, weight: 2, fill: true, fillColor: colours.accent, fillOpacity: 1, interactive: false }).addTo(map));
}

export const stationDrawn = () => station.length;

/** Draw the track of an alert and look at its pattern, else at all of it; null takes it away. */
export function showTrack(trail, pattern) {
  alertTrack?.remove();
  alertTrack = undefined;
  if (!trail || trail.length < 2) return false;
  const points = trail.map(([, lat, lon]) => [lat, lon]);
  alertTrack = new Trail(points, { trail, marks: true, weight: 3, opacity: 0.9, renderer: canvas }).addTo(map).bringToBack();
  const around = pattern && L.latLng(pattern.lat, pattern.lon).toBounds(2000 * Math.max(5, 2.2 * pattern.radius_km));
  map.fitBounds(around ?? L.latLngBounds(points).pad(0.25), { maxZoom: 11 });
  return true;
}
