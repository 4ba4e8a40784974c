// Everything that is known of one aircraft, and how old it is. What is unknown is said, not left blank.

import { ageText, callsign, element, number, unknown } from "./format.js";
import { t } from "./lang.js";
import { show } from "./map.js";
import { address } from "./options.js";
import { age, isChosen, on, select, store, toggleChosen } from "./store.js";
import { trackParts } from "./track.js";
import { altitudeOf, altitudeUnit, altitudeWords, climbOf, climbUnit, clock, distanceOf, distanceUnit, speedOf, speedUnit } from "./units.js";

const box = document.getElementById("detail");

const kinds = {
  adsb_icao: "ADS-B", adsb_icao_nt: "ADS-B, no transponder", adsr_icao: "ADS-R, rebroadcast", tisb_icao: "TIS-B, by radar",
  mode_s: "Mode S replies", adsb_other: "ADS-B, anonymous", adsr_other: "ADS-R, anonymous", tisb_other: "TIS-B, anonymous",
  tisb_trackfile: "TIS-B, radar track",
};
const flags = (a) => [[1, "military"], [2, "interesting"], [4, "PIA"], [8, "LADD"]].filter(([bit]) => (a.dbFlags ?? 0) & bit).map(([, word]) => word).join(", ");
const climb = (a) => climbOf(a.baro_rate ?? a.geom_rate);
const height = () => (altitudeUnit() === "FL" ? "" : altitudeUnit());
const high = (key) => (a) => (a[key] === undefined ? undefined : altitudeUnit() === "FL" ? altitudeWords(a[key]) : altitudeOf(a[key]));

// label, value, unit, digits, key of aircraft.json whose age is shown
const groups = [
  ["Who", [
    ["address", (a) => a.hex], ["registration", (a) => a.r], ["type", (a) => a.t], ["model", (a) => a.desc],
    ["operator", (a) => a.ownOp], ["built", (a) => a.year], ["country of the address", (a) => a.squitter?.country],
    ["marked", flags], ["category", (a) => a.category, "", undefined, "category"], ["call sign", callsign, "", undefined, "flight"],
  ]],
  ["Noticed", [["rules", (a) => a.squitter?.watch?.join(", ")], ["pattern", (a) => a.squitter?.pattern],
    ["position in doubt", (a) => a.squitter?.doubt]]],
  ["Where", [
    ["place", (a) => a.squitter?.place], ["over", (a) => a.squitter?.over],
    ["latitude", (a) => a.lat, "°", 4, "lat"], ["longitude", (a) => a.lon, "°", 4, "lon"],
    ["altitude, barometric", (a) => altitudeWords(a.alt_baro ?? a.alt_geom), height, undefined, "alt_baro"], ["altitude, geometric", high("alt_geom"), height, 0, "alt_geom"],
    ["distance", (a) => distanceOf(a.r_dst), distanceUnit, 1, "r_dst"], ["bearing", (a) => a.r_dir, "°", 0, "r_dir"],
  ]],
  ["Doing", [
    ["ground speed", (a) => speedOf(a.gs), speedUnit, 0, "gs"], ["track", (a) => a.track, "°", 0, "track"],
    ["climb", climb, climbUnit, 0, "baro_rate"], ["indicated airspeed", (a) => speedOf(a.ias), speedUnit, 0, "ias"],
    ["true airspeed", (a) => speedOf(a.tas), speedUnit, 0, "tas"], ["Mach", (a) => a.mach, "", 3, "mach"],
    ["magnetic heading", (a) => a.mag_heading, "°", 0, "mag_heading"], ["true heading", (a) => a.true_heading, "°", 0, "true_heading"],
    ["roll", (a) => a.roll, "°", 0, "roll"], ["turn", (a) => a.track_rate, "°/s", 2, "track_rate"],
  ]],
  ["Set by the crew", [
    ["squawk", (a) => a.squawk, "", undefined, "squawk"], ["emergency", (a) => a.emergency, "", undefined, "emergency"],
    ["ident", (a) => (a.spi === undefined ? undefined : a.spi ? "yes" : "no"), "", undefined, "spi"],
    ["selected altitude", high("nav_altitude_mcp"), height, 0, "nav_altitude_mcp"],
    ["FMS altitude", high("nav_altitude_fms"), height, 0, "nav_altitude_fms"],
    ["selected heading", (a) => a.nav_heading, "°", 0, "nav_heading"], ["altimeter setting", (a) => a.nav_qnh, "hPa", 1, "nav_qnh"],
    ["autopilot", (a) => a.nav_modes && (a.nav_modes.join(", ") || "off"), "", undefined, "nav_modes"],
    ["resolution advisory", (a) => a.acas_ra?.advisory, "", undefined, "acas_ra"],
  ]],
  ["Air around it", [
    ["wind from", (a) => a.wd, "°", 0, "wd"], ["wind", (a) => speedOf(a.ws), speedUnit, 0, "ws"], ["outside temperature", (a) => a.oat, "°C", 0, "oat"],
  ]],
  ["How good and how heard", [
    ["heard by", (a) => kinds[a.type] ?? a.type], ["confidence", (a) => a.squitter?.confidence],
    ["ADS-B version", (a) => a.version, "", 0, "version"], ["contained within", (a) => a.rc, "m", 0, "rc"],
    ["NIC", (a) => a.nic, "", 0, "nic"], ["NACp", (a) => a.nac_p, "", 0, "nac_p"], ["NACv", (a) => a.nac_v, "", 0, "nac_v"],
    ["SIL", (a) => a.sil, "", 0, "sil"], ["SDA", (a) => a.sda, "", 0, "sda"], ["GVA", (a) => a.gva, "", 0, "gva"],
    ["messages", (a) => a.messages, "", 0], ["signal", (a) => a.rssi, "dBFS", 1], ["last heard", (a) => ageText(age(a, "seen")), "ago"],
    ["first heard", () => told.first_seen && clock(told.first_seen)],
  ]],
];
const rare = new Set(["Noticed", "Air around it"]); // left out while nothing in them is known

let told = {}; // what the server says of ages: {hex, now, first_seen, values}
let asked = 0;
let shownHex = null;
const rows = []; // {field, group, row, value, age}

const parts = {
  title: element("h2"),
  gone: element("p", { class: "empty" }, t("No longer received. Its track stays on the map until you close this.")),
  body: element("div"),
};
const link = element("a", { href: "#" }, t("link"));
const pick = element("button", { type: "button", id: "detail-pick", "aria-pressed": "false", title: t("pick several: Ctrl or Shift and a click"), onclick: () => toggleChosen(store.selected) }, t("pick"));
const head = element("header", {}, parts.title,
  element("button", { type: "button", id: "detail-show", onclick: () => { const a = store.aircraft.get(store.selected); if (a?.lat !== undefined) show(a.lat, a.lon); } }, t("show")),
  pick, link,
  element("button", { type: "button", id: "detail-close", "aria-label": t("close"), onclick: () => select(null) }, "×"));

function build() {
  for (const [name, fields] of groups) {
    const list = element("dl");
    const section = element("section", {}, element("h3", {}, t(name)), list);
    for (const field of fields) {
      const value = element("span", {}, "");
      const old = element("small", {}, "");
      const row = element("div", {}, element("dt", {}, t(field[0])), element("dd", {}, value, old));
      list.append(row);
      rows.push({ field, name, section, row, value: value.firstChild ?? value.appendChild(new Text()), age: old.firstChild ?? old.appendChild(new Text()) });
    }
    parts.body.append(section);
  }
  box.append(head, parts.gone, trackParts(), parts.body);
}

function text(aircraft, [, read, unit, digits]) {
  const raw = read(aircraft);
  if (raw === undefined || raw === null || raw === "" || raw === unknown) return null;
  const words = typeof raw === "number" ? (digits === undefined ? String(raw) : number(raw, digits)) : String(raw);
  if (typeof unit === "function") unit = unit();
  return unit && (typeof raw === "number" || /\d/.test(words)) ? `${words} ${unit}` : words;
}

const set = (node, words) => { if (node.data !== words) node.data = words; };

function draw() {
  const hex = store.selected;
  box.hidden = hex === null;
  if (hex === null) return;
  const aircraft = store.aircraft.get(hex);
  if (shownHex !== hex) { shownHex = hex; box.scrollTop = 0; link.href = address({ aircraft: hex }); }
  pick.setAttribute("aria-pressed", String(isChosen(hex)));
  parts.title.textContent = (aircraft && callsign(aircraft)) || hex;
  parts.gone.hidden = Boolean(aircraft);
  parts.body.hidden = !aircraft;
  if (!aircraft) return;
  const values = told.hex === hex && store.live ? told.values : {};
  const later = Math.max(0, store.now - (told.now ?? store.now));
  const known = new Set();
  for (const one of rows) {
    const words = text(aircraft, one.field);
    if (words !== null) known.add(one.name);
    set(one.value, words ?? t("unknown"));
    one.row.classList.toggle("unknown", words === null);
    const said = words === null ? undefined : values[one.field[4]];
    set(one.age, said ? ageText(said.age + later) : "");
    one.row.classList.toggle("old", Boolean(said) && said.age + later > 15);
    if (said) one.row.title = `register ${said.register}, ${kinds[said.by] ?? said.by}`;
    else one.row.removeAttribute("title");
  }
  for (const one of rows) one.section.hidden = rare.has(one.name) && !known.has(one.name);
}

async function ask() {
  const hex = store.selected;
  if (!hex || !store.live || document.hidden || !store.aircraft.has(hex)) return;
  const mine = ++asked;
  const response = await fetch(`api/aircraft/${encodeURIComponent(hex)}`).catch(() => null);
  if (!response?.ok || mine !== asked) return;
  told = { hex, ...(await response.json()) };
  draw();
}

export function makeDetail() {
  build();
  on("air", draw);
  on("chosen", draw);
  on("options", draw);
  on("selection", () => { draw(); ask(); });
  setInterval(ask, 2000);
}
