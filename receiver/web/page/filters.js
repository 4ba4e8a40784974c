// Which aircraft the map and the table show.
//
// The search box takes words; each narrows what is shown. A word is looked for in call sign, address, registration, type,
// model, operator, squawk, country and place; -word leaves out what has it; /…/ is a regular expression; name:word looks
// at one value, name:<number and name:>number compare.

import { sources } from "./columns.js";
import { altitude, callsign, isMilitary, isWatched } from "./format.js";
import { choose, isOn, option } from "./options.js";
import { isChosen, on, store, tell } from "./store.js";
import { distanceOf, feetOf, speedOf } from "./units.js";

const field = (id) => document.getElementById(id);

const values = {
  call: callsign, callsign, address: (a) => a.hex, hex: (a) => a.hex, reg: (a) => a.r, type: (a) => a.t, model: (a) => a.desc,
  op: (a) => a.ownOp, operator: (a) => a.ownOp, squawk: (a) => a.squawk, country: (a) => a.squitter?.country,
  place: (a) => a.squitter?.place, source: (a) => sources[a.type] ?? a.type, src: (a) => sources[a.type] ?? a.type,
  category: (a) => a.category, rule: (a) => a.squitter?.watch?.join(" "),
  alt: altitude, altitude, dist: (a) => distanceOf(a.r_dst), distance: (a) => distanceOf(a.r_dst), speed: (a) => speedOf(a.gs),
  signal: (a) => a.rssi, messages: (a) => a.messages,
};
const everywhere = ["hex", "call", "reg", "type", "model", "op", "squawk", "country", "place"].map((name) => values[name]);

let tests = [];
let error = "";

/** What the search box says, as tests; an expression that is none is told and matches nothing. */
export function parse(text) {
  const made = [];
  for (const [word] of text.matchAll(/(?:[^\s/"]+|"[^"]*"?|\/(?:\\.|[^/\\])*\/?)+/g)) {
    const no = word.startsWith("-") && word.length > 1;
    const [, name, rest] = /^(\w+):(.*)$/s.exec(no ? word.slice(1) : word) ?? [null, null, no ? word.slice(1) : word];
    const reads = name && Object.hasOwn(values, name.toLowerCase()) ? [values[name.toLowerCase()]] : everywhere;
    const wanted = reads === everywhere && name ? `${name}:${rest}` : rest;
    const test = matcher(wanted);
    made.push((aircraft) => reads.some((read) => test(read(aircraft))) !== no);
  }
  return made;
}

function matcher(wanted) {
  const compared = /^([<>])(-?\d+(?:\.\d+)?)$/.exec(wanted);
  if (compared) return (value) => typeof value === "number" && (compared[1] === "<" ? value < Number(compared[2]) : value > Number(compared[2]));
  if (wanted.length > 1 && wanted.startsWith("/")) {
    const expression = new RegExp(wanted.replace(/^\/|\/$/g, ""), "i");
    return (value) => value !== undefined && expression.test(String(value).trim());
  }
  const low = wanted.replaceAll('"', "").toLowerCase();
  return (value) => value !== undefined && String(value).toLowerCase().includes(low);
}

export function shown(aircraft) {
  if (isOn("isolate") && store.chosen.size + (store.selected ? 1 : 0) > 0) return isChosen(aircraft.hex) || aircraft.hex === store.selected;
  if (isOn("military") && !isMilitary(aircraft)) return false;
  if (isOn("watched") && !isWatched(aircraft)) return false;
  if (isOn("position") && aircraft.lat === undefined) return false;
  const feet = altitude(aircraft);
  const [low, high] = [option("low"), option("high")];
  if (low !== "" && !(feet >= feetOf(Number(low)))) return false;
  if (high !== "" && !(feet <= feetOf(Number(high)))) return false;
  return tests.every((test) => test(aircraft));
}

export const filterError = () => error;
export const isFiltered = () => tests.length > 0 || ["military", "watched", "position", "isolate"].some(isOn) || option("low") !== "" || option("high") !== "";

function read() {
  try {
    tests = parse(option("q"));
    error = "";
  } catch (problem) {
    tests = [() => false];
    error = problem.message;
  }
  tell("filter");
}

export function watchFilters() {
  const boxes = { military: "only-military", watched: "only-watched", position: "only-position" };
  const texts = { q: "search", low: "alt-min", high: "alt-max" };
  const show = () => {
    for (const [name, id] of Object.entries(boxes)) field(id).checked = isOn(name);
    for (const [name, id] of Object.entries(texts)) if (document.activeElement !== field(id)) field(id).value = option(name);
  };
  show();
  field("filters").addEventListener("input", () => {
    for (const [name, id] of Object.entries(boxes)) choose(name, field(id).checked ? "on" : "off");
    for (const [name, id] of Object.entries(texts)) choose(name, field(id).value.trim());
  });
  field("filters").addEventListener("submit", (event) => event.preventDefault());
  on("options", (name) => { if (name in boxes || name in texts || ["isolate", "altitude", "chosen"].includes(name)) { show(); read(); } });
  on("chosen", () => tell("filter"));
  read();
}
