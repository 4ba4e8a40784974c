// The aircraft that are shown, with their labels and trails.

import { altitude, altitudeColour, altitudeText, callsign, isEmergency, isMilitary, isWatched } from "../format.js";
import { shown } from "../filters.js";
import { select, store } from "../store.js";
import { Plane } from "./plane.js";
import { L, canvas, map } from "./surface.js";
import { drawTrail, trails } from "./trails.js";

const planes = new Map(); // hex -> Plane

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

export function drawAircraft() {
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

/** What is on the map, for the page's own checks: places in pixels and labels of the aircraft that are drawn. */
export function drawn() {
  return [...planes].map(([hex, plane]) => {
    const { x, y } = map.latLngToContainerPoint(plane.getLatLng());
    return { hex, x, y, label: plane.options.label, trail: trails.get(hex)?.getLatLngs().length ?? 0 };
  });
}
