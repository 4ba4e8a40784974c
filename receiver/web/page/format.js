// Words and colours for values. Everything that came by radio ends in textContent: nothing here makes markup.

import { language } from "./lang.js";

export const unknown = "–";

/** A new element with text and attributes; children are nodes or strings. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === "class") node.className = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

export function callsign(aircraft) {
  return (aircraft.flight ?? "").trim();
}

export function altitude(aircraft) {
  const value = aircraft.alt_baro ?? aircraft.alt_geom;
  return value === "ground" ? 0 : value;
}

export function number(value, digits = 0) {
  if (value === undefined || value === null) return unknown;
  return value.toLocaleString(language, { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

export function ageText(seconds) {
  if (seconds === undefined || seconds === null) return unknown;
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}

export function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

// Altitude as hue and rising lightness together (indigo to yellow, as in viridis): told apart in grey, and with every kind
// of colour blindness. On a light map the same colours, darker.
export const altitudeStops = [
  [0, [104, 108, 226]], [8000, [48, 142, 206]], [16000, [32, 172, 162]],
  [26000, [104, 197, 94]], [36000, [196, 213, 60]], [42000, [255, 228, 66]],
];
let shade = 1;
const remembered = new Map();

/** For a light map, colours darker than 1. */
export function setShade(next) {
  shade = next;
  remembered.clear();
}

export function altitudeColour(feet) {
  const known = feet !== undefined && feet !== null;
  const step = known ? Math.round(Math.min(42000, Math.max(0, feet)) / 500) : -1;
  let colour = remembered.get(step);
  if (!colour) remembered.set(step, (colour = known ? mixed(step * 500) : shaded([150, 150, 150])));
  return colour;
}

const shaded = (rgb) => `rgb(${rgb.map((value) => Math.round(value * shade)).join(",")})`;

function mixed(feet) {
  const above = Math.max(1, altitudeStops.findIndex(([stop]) => stop >= feet));
  const [[low, a], [high, b]] = [altitudeStops[above - 1], altitudeStops[above]];
  const share = (feet - low) / (high - low);
  return shaded(a.map((value, index) => value + share * (b[index] - value)));
}

export const isMilitary = (aircraft) => ((aircraft.dbFlags ?? 0) & 1) === 1;
export const isWatched = (aircraft) => (aircraft.squitter?.watch?.length ?? 0) > 0;
export const isEmergency = (aircraft) =>
  (aircraft.emergency && aircraft.emergency !== "none") || ["7500", "7600", "7700"].includes(aircraft.squawk);
