// What the reader has chosen: kept in this browser, and in the address, so that a reload or a link shows the same.

import { tell } from "./store.js";

const DEFAULTS = {
  altitude: "ft", speed: "kt", distance: "nmi", time: "utc", lang: "auto",
  labels: "short", trails: "selected", arrows: "on", trackLabels: "on", persist: "off",
  rings: "on", outline: "on", background: "map", day: "off",
  columns: "callsign,address,type,altitude,speed,distance,squawk,messages,age", sort: "distance",
  q: "", military: "off", watched: "off", position: "off", low: "", high: "",
  chosen: "", isolate: "off", follow: "off", panel: "open", rate: "10",
};
const ALLOWED = {
  altitude: ["ft", "m", "FL"], speed: ["kt", "km/h", "mph"], distance: ["nmi", "km", "mi"], time: ["utc", "local"],
  labels: ["off", "short", "long"], trails: ["none", "selected", "all"], background: ["map", "online", "none"],
  day: ["off", "tracks", "heat"], panel: ["open", "closed"], rate: ["1", "5", "10", "30", "60", "200"],
};
const MOST = 400; // characters of one value
const STORE = "squitter.options";
const PAUSE_MS = 250;

const current = { ...DEFAULTS, ...checked(remembered()), ...checked(fromAddress()) };
const extra = new Map(); // what else is in the address: the aircraft, the alert, where the map looks

function remembered() {
  try { return JSON.parse(localStorage.getItem(STORE) ?? "{}"); } catch { return {}; } // a private window, or not ours
}

/** The parts of the address after #, as text. */
export function fromAddress(hash = location.hash) {
  try { return Object.fromEntries(new URLSearchParams(hash.slice(1))); } catch { return {}; }
}

function checked(values) {
  const good = {};
  for (const [name, value] of Object.entries(values ?? {})) {
    if (!Object.hasOwn(DEFAULTS, name) || typeof value !== "string" || value.length > MOST) continue;
    if (ALLOWED[name] ? ALLOWED[name].includes(value) : !["on", "off"].includes(DEFAULTS[name]) || ["on", "off"].includes(value)) good[name] = value;
  }
  return good;
}

export const option = (name) => current[name];
export const isOn = (name) => current[name] === "on";

/** Choose a value; everything that depends on it is drawn again. */
export function choose(name, value) {
  const good = checked({ [name]: value });
  if (!(name in good) || current[name] === value) return;
  current[name] = value;
  try {
    const kept = Object.fromEntries(Object.entries(current).filter(([key, one]) => one !== DEFAULTS[key]));
    localStorage.setItem(STORE, JSON.stringify(kept));
  } catch { /* a private window: not kept */ }
  write(true); // a reload right away must find it
  tell("options", name);
}

/** Put something else into the address, null takes it away. */
export function note(name, value) {
  if (value === null || value === "") extra.delete(name); else extra.set(name, value);
  write();
}

/** The address of a view: what differs from the usual, and what is selected. */
export function address(more = {}) {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(current)) if (value !== DEFAULTS[name]) parts.set(name, value);
  for (const [name, value] of Object.entries({ ...Object.fromEntries(extra), ...more })) parts.set(name, value);
  return `#${parts}`;
}

let writing = null;
function write(atOnce = false) {
  if (!atOnce) { writing ??= setTimeout(() => write(true), PAUSE_MS); return; }
  clearTimeout(writing);
  writing = null;
  const next = address();
  try {
    history.replaceState(null, "", next === "#" ? location.pathname + location.search : next);
  } catch { writing = setTimeout(() => write(true), 5000); } // browsers take only so many a minute
}

/** Take what an address asks for, as when a link on the page itself was followed. */
export function takeAddress(parts = fromAddress()) {
  for (const [name, value] of Object.entries(checked(parts))) {
    if (current[name] !== value) { current[name] = value; tell("options", name); }
  }
}
