// What is drawn besides aircraft: the outline of the range, the track of an alert.

import { colours } from "./colours.js";
import { L, canvas, map } from "./surface.js";
import { Trail } from "./trails.js";

let outline;
let alertTrack;

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

export const outlined = () => Boolean(outline && map.hasLayer(outline));

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
