// Values in the units that the reader has chosen.

import { number, unknown } from "./format.js";
import { language, t } from "./lang.js";
import { option } from "./options.js";

const PER_FOOT = { ft: 1, m: 0.3048, FL: 0.01 };
const PER_KNOT = { kt: 1, "km/h": 1.852, mph: 1.150779 };
const PER_MILE = { nmi: 1, km: 1.852, mi: 1.150779 };

export const altitudeUnit = () => option("altitude");
export const speedUnit = () => option("speed");
export const distanceUnit = () => option("distance");
export const climbUnit = () => (option("altitude") === "m" ? "m/s" : "ft/min");

export const climbOf = (feetPerMinute) => (feetPerMinute === undefined ? undefined : feetPerMinute * (option("altitude") === "m" ? 0.00508 : 1));
export const speedOf = (knots) => (knots === undefined ? undefined : knots * PER_KNOT[option("speed")]);
export const distanceOf = (miles) => (miles === undefined ? undefined : miles * PER_MILE[option("distance")]);
export const altitudeOf = (feet) => (typeof feet === "number" ? feet * PER_FOOT[option("altitude")] : undefined);
export const feetOf = (value) => value / PER_FOOT[option("altitude")];
export const milesOf = (value) => value / PER_MILE[option("distance")];
export const metresPerUnit = () => 1852 / PER_MILE[option("distance")];

/** An altitude without its unit; a flight level with its letters. */
export function altitudeWords(feet) {
  if (feet === undefined || feet === null) return unknown;
  if (feet === "ground") return t("ground");
  return option("altitude") === "FL" ? `FL${String(Math.max(0, Math.round(feet / 100))).padStart(3, "0")}` : number(altitudeOf(feet));
}

/** A moment as a time of day. */
export function clock(seconds) {
  const at = new Date(seconds * 1000);
  if (option("time") === "utc") return `${at.toISOString().slice(11, 19)}Z`;
  return at.toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
}

/** A moment's date, year first. */
export function date(seconds) {
  const at = new Date(seconds * 1000);
  if (option("time") === "utc") return at.toISOString().slice(0, 10);
  const part = (value) => String(value).padStart(2, "0");
  return `${at.getFullYear()}-${part(at.getMonth() + 1)}-${part(at.getDate())}`;
}
