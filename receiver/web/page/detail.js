// Everything that is known of one aircraft, and how old it is. What is unknown is said, not left blank.

import { altitudeText, callsign, element, number, unknown } from "./format.js";
import { show } from "./map.js";
import { on, select, store } from "./store.js";

const box = document.getElementById("detail");

// key or function, label, unit; keys as in aircraft.json
const groups = [
  ["Who", [
    ["hex", "address"], ["r", "registration"], ["t", "type"], ["desc", "model"], ["ownOp", "operator"], ["year", "built"],
    [(a) => a.squitter?.country, "country of the address"], ["category", "category"], ["type", "heard by"], ["version", "ADS-B version"],
  ]],
  ["Where", [
    ["lat", "latitude", "°", 4], ["lon", "longitude", "°", 4], [(a) => a.squitter?.place, "place"], [(a) => a.squitter?.over, "over"],
    [(a) => altitudeText(a), "altitude", "ft"], ["alt_geom", "altitude above the ellipsoid", "ft"],
    ["r_dst", "distance", "nmi", 1], ["r_dir", "bearing", "°", 0], ["seen_pos", "age of the position", "s", 1],
    ["nic", "NIC"], ["rc", "containment radius", "m"], ["nac_p", "NACp"], ["sil", "SIL"],
  ]],
  ["Doing", [
    ["gs", "ground speed", "kt", 0], ["track", "track", "°", 0], ["baro_rate", "climb, barometric", "ft/min", 0],
    ["geom_rate", "climb, geometric", "ft/min", 0], ["ias", "indicated airspeed", "kt", 0], ["tas", "true airspeed", "kt", 0],
    ["mach", "Mach", "", 3], ["mag_heading", "magnetic heading", "°", 0], ["true_heading", "true heading", "°", 0], ["roll", "roll", "°", 0],
    ["track_rate", "turn", "°/s", 2], [(a) => a.squitter?.pattern, "pattern"],
  ]],
  ["Set", [
    ["squawk", "squawk"], ["emergency", "emergency"], ["nav_altitude_mcp", "selected altitude", "ft", 0],
    ["nav_heading", "selected heading", "°", 0], ["nav_qnh", "altimeter setting", "hPa", 1],
    [(a) => a.nav_modes?.join(", "), "autopilot"],
  ]],
  ["Air", [["ws", "wind", "kt", 0], ["wd", "from", "°", 0], ["oat", "outside temperature", "°C", 0]]],
  ["Heard", [
    ["messages", "messages", "", 0], ["rssi", "signal", "dBFS", 1], ["seen", "last heard", "s ago", 1],
    [(a) => a.squitter?.confidence, "confidence"],
  ]],
];

const rare = new Set(["Air", "Set"]); // groups that are left out while nothing in them is known

function value(aircraft, [key, , unit, digits]) {
  const raw = typeof key === "function" ? key(aircraft) : aircraft[key];
  if (raw === undefined || raw === null || raw === "" || raw === unknown) return null;
  const text = typeof raw === "number" ? (digits === undefined ? String(raw) : number(raw, digits)) : String(raw);
  return unit && typeof raw === "number" || (unit && /\d$/.test(text)) ? `${text} ${unit}` : text;
}

function draw() {
  const aircraft = store.aircraft.get(store.selected);
  box.hidden = store.selected === null;
  if (!store.selected) return;
  const title = aircraft ? callsign(aircraft) || aircraft.hex : store.selected;
  const head = element("header", {},
    element("h2", {}, title),
    element("button", { type: "button", onclick: () => aircraft?.lat !== undefined && show(aircraft.lat, aircraft.lon) }, "show"),
    element("a", { href: `#aircraft=${encodeURIComponent(store.selected)}` }, "link"),
    element("button", { type: "button", "aria-label": "close", onclick: () => select(null) }, "×"));
  if (!aircraft) {
    box.replaceChildren(head, element("p", { class: "empty" }, "No longer heard. Its trail stays on the map until you close this."));
    return;
  }
  const sections = [];
  for (const [name, fields] of groups) {
    const pairs = fields.map((field) => [field[1], value(aircraft, field)]);
    if (rare.has(name) && pairs.every(([, text]) => text === null)) continue;
    const list = element("dl");
    for (const [label, text] of pairs) {
      list.append(element("div", text === null ? { class: "unknown" } : {}, element("dt", {}, label), element("dd", {}, text ?? "unknown")));
    }
    sections.push(element("section", {}, element("h3", {}, name), list));
  }
  const scrolled = box.scrollTop;
  box.replaceChildren(head, ...sections);
  box.scrollTop = scrolled;
}

export function makeDetail() {
  on("air", draw);
  on("selection", draw);
}
