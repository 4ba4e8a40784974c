// Words and colours for values. Everything that came by radio ends in textContent: nothing here makes markup.

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

export function altitudeText(aircraft) {
  const value = aircraft.alt_baro ?? aircraft.alt_geom;
  if (value === undefined) return unknown;
  return value === "ground" ? "ground" : number(value);
}

export function number(value, digits = 0) {
  if (value === undefined || value === null) return unknown;
  return value.toLocaleString("en", { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

export function clock(seconds) {
  return new Date(seconds * 1000).toISOString().slice(11, 19) + "Z";
}

export function date(seconds) {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

export function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

// Altitude as lightness and hue together (the "cividis" idea: blue to yellow, safe for every kind of colour blindness).
const stops = [
  [0, [0, 92, 140]], [5000, [60, 110, 150]], [12000, [110, 125, 140]],
  [20000, [160, 150, 115]], [30000, [212, 180, 80]], [42000, [255, 216, 60]],
];

export function altitudeColour(feet) {
  if (feet === undefined || feet === null) return "rgb(140,140,140)";
  let [low, a] = stops[0];
  for (const [high, b] of stops) {
    if (feet <= high) {
      const share = high === low ? 0 : Math.max(0, (feet - low) / (high - low));
      return `rgb(${a.map((value, index) => Math.round(value + share * (b[index] - value))).join(",")})`;
    }
    [low, a] = [high, b];
  }
  return `rgb(${a.join(",")})`;
}

export const isMilitary = (aircraft) => ((aircraft.dbFlags ?? 0) & 1) === 1;
export const isWatched = (aircraft) => (aircraft.squitter?.watch?.length ?? 0) > 0;
export const isEmergency = (aircraft) =>
  (aircraft.emergency && aircraft.emergency !== "none") || ["7500", "7600", "7700"].includes(aircraft.squawk);
