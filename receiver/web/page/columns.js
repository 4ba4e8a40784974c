// The columns that the table can have.

import { altitude, callsign, number, unknown } from "./format.js";
import { t } from "./lang.js";
import { option } from "./options.js";
import { age } from "./store.js";
import { altitudeUnit, altitudeWords, climbOf, climbUnit, distanceOf, distanceUnit, speedOf, speedUnit } from "./units.js";

export const sources = {
  __proto__: null,
  adsb_icao: "ADS-B", adsb_icao_nt: "ADS-B", adsr_icao: "ADS-R", tisb_icao: "TIS-B", mlat: "MLAT", mode_s: "Mode S",
  adsb_other: "ADS-B", adsr_other: "ADS-R", tisb_other: "TIS-B", tisb_trackfile: "TIS-B",
};

const text = (read) => (a) => read(a) || unknown;
const word = (name, heading, full, read) => ({ name, heading: () => heading, full, text: text(read), value: (a) => read(a) || undefined, align: "left" });
const figure = (name, heading, full, read, digits = 0) =>
  ({ name, heading: typeof heading === "function" ? heading : () => heading, full, text: (a) => number(read(a), digits), value: read, align: "right" });
const climb = (a) => a.baro_rate ?? a.geom_rate;

export const columns = [
  word("callsign", "call sign", "call sign", callsign),
  word("address", "address", "24-bit address", (a) => a.hex),
  word("registration", "reg.", "registration", (a) => a.r),
  word("type", "type", "type of aircraft", (a) => a.t),
  word("model", "model", "model", (a) => a.desc),
  word("operator", "operator", "operator", (a) => a.ownOp),
  word("country", "country", "country of the address", (a) => a.squitter?.country),
  { ...figure("altitude", altitudeUnit, "altitude", altitude), text: (a) => altitudeWords(a.alt_baro ?? a.alt_geom) },
  figure("climb", climbUnit, "vertical rate", (a) => climbOf(climb(a))),
  figure("speed", speedUnit, "ground speed", (a) => speedOf(a.gs)),
  figure("track", "°", "track in degrees", (a) => a.track),
  figure("distance", distanceUnit, "distance", (a) => distanceOf(a.r_dst), 1),
  figure("bearing", "brg", "bearing from the station", (a) => a.r_dir),
  { ...word("squawk", "squawk", "squawk", (a) => a.squawk), align: "right" },
  figure("messages", "msgs", "messages received", (a) => a.messages),
  figure("signal", "dBFS", "signal level", (a) => a.rssi, 1),
  word("source", "source", "source of the position", (a) => sources[a.type] ?? a.type),
  word("place", "place", "place", (a) => a.squitter?.place),
  word("rules", "rules", "rules that match", (a) => a.squitter?.watch?.join(", ")),
  figure("age", "age", "seconds since the last message", (a) => age(a, "seen")),
];

const byName = new Map(columns.map((column) => [column.name, column]));

/** Those that are shown, the call sign always among them. */
export function chosenColumns() {
  const names = option("columns").split(",");
  const chosen = names.map((name) => byName.get(name)).filter(Boolean);
  return chosen.length ? chosen : [columns[0]];
}

/** What is sorted by, and whether the largest comes first. */
export function order() {
  const text = option("sort");
  const descending = text.startsWith("-");
  return { column: byName.get(descending ? text.slice(1) : text) ?? columns[0], descending };
}

export const full = (column) => {
  const unit = { altitude: altitudeUnit, speed: speedUnit, distance: distanceUnit, climb: climbUnit }[column.name];
  const words = { ft: "feet", kt: "knots", nmi: "nautical miles" };
  return unit ? t("{what} in {unit}", { what: t(column.full), unit: t(words[unit()] ?? unit()) }) : t(column.full);
};
