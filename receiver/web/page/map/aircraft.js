// The aircraft that are shown, with their labels and trails.

import { altitude, altitudeColour, callsign, isEmergency, isMilitary, isWatched } from "../format.js";
import { shown } from "../filters.js";
import { isOn, option } from "../options.js";
import { isChosen, select, store, toggleChosen } from "../store.js";
import { altitudeUnit, altitudeWords, speedOf, speedUnit } from "../units.js";
import { Plane } from "./plane.js";
import { kindOf } from "./shapes.js";
import { L, canvas, map } from "./surface.js";
import { drawTrail, trails } from "./trails.js";

const planes = new Map(); // hex -> Plane

function important(aircraft) {
  return (aircraft.hex === store.selected ? 4 : 0) + (isEmergency(aircraft) ? 5 : 0) + (isWatched(aircraft) || isChosen(aircraft.hex) ? 2 : 0) + (isMilitary(aircraft) ? 1 : 0);
}

function labelOf(aircraft, boxes, everybody) {
  const kind = option("labels");
  const urgent = isEmergency(aircraft);
  if (kind === "off" && !urgent && aircraft.hex !== store.selected) return null;
  if (!everybody && !important(aircraft)) return null;
  const at = map.latLngToContainerPoint([aircraft.lat, aircraft.lon]);
  const room = kind === "long" ? 40 : 26;
  const overlaps = boxes.some((box) => Math.abs(box.x - at.x) < 76 && Math.abs(box.y - at.y) < room);
  if (overlaps && important(aircraft) < 2) return null;
  boxes.push(at);
  const climb = aircraft.baro_rate ?? aircraft.geom_rate ?? 0;
  const arrow = climb > 250 ? " ↑" : climb < -250 ? " ↓" : "";
  const level = altitudeWords(aircraft.alt_baro ?? aircraft.alt_geom);
  const lines = [callsign(aircraft) || aircraft.hex, `${level}${arrow}`];
  if (urgent) lines.splice(1, 0, `${aircraft.squawk ?? ""} ${aircraft.emergency && aircraft.emergency !== "none" ? aircraft.emergency : ""}`.trim());
  if (kind === "long") {
    lines[lines.length - 1] = `${level} ${option("altitude") === "FL" ? "" : altitudeUnit()}${arrow}`;
    lines.push([aircraft.t, aircraft.gs === undefined ? null : `${Math.round(speedOf(aircraft.gs))} ${speedUnit()}`].filter(Boolean).join(" · "));
  }
  return lines.filter(Boolean);
}

export function drawAircraft() {
  const visible = [...store.aircraft.values()].filter((aircraft) => aircraft.lat !== undefined && shown(aircraft));
  visible.sort((a, b) => important(b) - important(a) || (a.hex < b.hex ? -1 : 1));
  const everybody = map.getZoom() >= (visible.length > 80 ? 8 : 6);
  const boxes = [];
  const seen = new Set();
  for (const aircraft of visible) {
    const { hex } = aircraft;
    seen.add(hex);
    const selected = hex === store.selected;
    const options = { aircraft, selected, label: labelOf(aircraft, boxes, everybody), fillColor: altitudeColour(altitude(aircraft)) };
    const at = [aircraft.lat, aircraft.lon];
    drawTrail(aircraft, selected || isChosen(hex) || isWatched(aircraft) || isEmergency(aircraft) || option("trails") === "all", visible.length, selected);
    let plane = planes.get(hex);
    if (!plane) {
      plane = new Plane(at, { ...options, renderer: canvas, radius: 12 });
      plane.on("click", ({ originalEvent: event, ...leaflet }) => {
        L.DomEvent.stop(leaflet);
        if (event?.ctrlKey || event?.metaKey || event?.shiftKey) toggleChosen(hex);
        else select(hex);
      });
      planes.set(hex, plane.addTo(map));
      continue;
    }
    const before = plane.options;
    const same = before.aircraft === aircraft && before.selected === selected && String(before.label) === String(options.label);
    Object.assign(plane.options, options);
    if (!same) plane.setLatLng(at);
    else plane.redraw();
  }
  for (const aircraft of visible.filter(important).reverse()) planes.get(aircraft.hex)?.bringToFront(); // the most important last
  const kept = drawKept(seen);
  for (const [hex, plane] of planes) if (!seen.has(hex)) { plane.remove(); planes.delete(hex); }
  for (const [hex, line] of trails) if (!seen.has(hex) && !kept.has(hex)) { line.remove(); trails.delete(hex); }
  if (isOn("follow")) follow();
}

/** Trails of aircraft that have left: of the selected and picked, and of all while they are to be kept. */
function drawKept(seen) {
  const kept = new Set();
  const keep = (hex, trail, whole) => {
    if (seen.has(hex) || !trail) return;
    kept.add(hex);
    drawTrail({ hex, gone: trail }, whole, 0, hex === store.selected);
  };
  for (const hex of [store.selected, ...store.chosen]) if (hex) keep(hex, store.trails.get(hex), true);
  if (isOn("persist") && store.live) for (const [hex, trail] of store.gone) keep(hex, trail, true);
  return kept;
}

function follow() {
  const aircraft = store.aircraft.get(store.selected);
  if (aircraft?.lat !== undefined) map.panTo([aircraft.lat, aircraft.lon], { animate: false });
}

/** What is on the map, for the page's own checks: places in pixels, labels and kinds of the aircraft that are drawn. */
export function drawn() {
  return [...planes].map(([hex, plane]) => {
    const { x, y } = map.latLngToContainerPoint(plane.getLatLng());
    return { hex, x, y, label: plane.options.label, kind: kindOf(plane.options.aircraft), trail: trails.get(hex)?.getLatLngs().length ?? 0 };
  });
}
