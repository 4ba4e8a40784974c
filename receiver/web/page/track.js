// The track of the selected aircraft besides on the map: its altitude over time, and as a file to keep.

import { altitudeColour, element } from "./format.js";
import { t } from "./lang.js";
import { on, store } from "./store.js";
import { altitudeUnit, altitudeWords, clock } from "./units.js";

const HEIGHT_PX = 78;
const canvas = element("canvas", { role: "img", id: "profile" });
const figure = element("figure", { hidden: "" }, element("figcaption", {}, t("altitude over time")), canvas);
let stamp = "";

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function trail() {
  return (store.trails.get(store.selected) ?? []).filter(([, , , feet]) => feet !== null && feet !== undefined);
}

function draw() {
  const points = trail();
  figure.hidden = points.length < 3;
  if (figure.hidden) return;
  const wide = canvas.clientWidth || 300;
  const next = `${store.selected} ${points.length} ${wide} ${altitudeUnit()} ${document.documentElement.dataset.theme}`;
  if (next === stamp) return;
  stamp = next;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = wide * ratio;
  canvas.height = HEIGHT_PX * ratio;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const [start, end] = [points[0][0], points.at(-1)[0]];
  const most = Math.max(1000, ...points.map(([, , , feet]) => feet));
  const x = (at) => 4 + ((at - start) / Math.max(1, end - start)) * (wide - 56);
  const y = (feet) => HEIGHT_PX - 16 - (Math.max(0, feet) / most) * (HEIGHT_PX - 24);
  context.lineWidth = 2;
  for (let index = 1; index < points.length; index++) {
    const [a, b] = [points[index - 1], points[index]];
    if (b[4] === 1) continue;
    context.strokeStyle = altitudeColour(b[3]);
    context.beginPath();
    context.moveTo(x(a[0]), y(a[3]));
    context.lineTo(x(b[0]), y(b[3]));
    context.stroke();
  }
  context.fillStyle = css("--muted");
  context.font = "10.5px system-ui, sans-serif";
  context.fillText(altitudeWords(most), wide - 48, 12);
  context.fillText(altitudeWords(0), wide - 48, HEIGHT_PX - 14);
  context.fillText(clock(start).slice(0, 5), 2, HEIGHT_PX - 3);
  context.fillText(clock(end).slice(0, 5), wide - 82, HEIGHT_PX - 3);
  canvas.setAttribute("aria-label", t("altitude from {from} to {to}, at most {most}", { from: clock(start), to: clock(end), most: `${altitudeWords(most)} ${altitudeUnit()}` }));
}

const formats = {
  GeoJSON: ["geojson", "application/geo+json", (points, name) => JSON.stringify({
    type: "Feature", properties: { name, times: points.map(([at]) => at) },
    geometry: { type: "LineString", coordinates: points.map(([, lat, lon, feet]) => (feet === null || feet === undefined ? [lon, lat] : [lon, lat, Math.round(feet * 0.3048)])) } })],
  KML: ["kml", "application/vnd.google-earth.kml+xml", (points, name) => `<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Placemark><name>${escaped(name)}</name><LineString><altitudeMode>absolute</altitudeMode><coordinates>${
    points.map(([, lat, lon, feet]) => `${lon},${lat},${Math.round((feet ?? 0) * 0.3048)}`).join(" ")}</coordinates></LineString></Placemark></kml>\n`],
  CSV: ["csv", "text/csv", (points) => `time,latitude_deg,longitude_deg,altitude_ft\n${points.map(([at, lat, lon, feet]) => `${new Date(at * 1000).toISOString()},${lat},${lon},${feet ?? ""}`).join("\n")}\n`],
};

const escaped = (text) => text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);

function save(format) {
  const points = store.trails.get(store.selected) ?? [];
  if (points.length < 2) return;
  const [ending, type, make] = formats[format];
  const name = store.selected.replace(/[^0-9a-z]/g, "");
  const link = element("a", { download: `${name}-${new Date(points[0][0] * 1000).toISOString().slice(0, 16).replace(/[:-]/g, "")}.${ending}`,
    href: URL.createObjectURL(new Blob([make(points, name)], { type })) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// Other sites: only on a click, and the reader is told what that tells them.
const sites = [
  ["ADS-B Exchange", (a) => `https://globe.adsbexchange.com/?icao=${a.hex}`],
  ["adsb.lol", (a) => `https://adsb.lol/?icao=${a.hex}`],
  ["FlightAware", (a) => a.flight && `https://www.flightaware.com/live/flight/${encodeURIComponent(a.flight.trim())}`],
  ["planespotters.net", (a) => `https://www.planespotters.net/hex/${a.hex.toUpperCase()}`],
];
const links = element("ul", {});
const elsewhere = element("details", { id: "elsewhere" }, element("summary", {}, t("on other sites")),
  element("p", { class: "empty" }, t("A click tells that site which aircraft you look at, and your address. Nothing is loaded from there until then.")), links);

function drawLinks() {
  const aircraft = store.aircraft.get(store.selected);
  elsewhere.hidden = !aircraft || !/^[0-9a-f]{6}$/.test(aircraft.hex);
  if (elsewhere.hidden) return;
  links.replaceChildren(...sites.map(([name, make]) => [name, make(aircraft)]).filter(([, href]) => href).map(([name, href]) =>
    element("li", {}, element("a", { href, target: "_blank", rel: "noopener noreferrer", referrerpolicy: "no-referrer" }, name))));
}

/** What details show of the track. */
export function trackParts() {
  on("air", draw);
  on("selection", () => { stamp = ""; draw(); drawLinks(); });
  on("options", () => { stamp = ""; draw(); });
  const buttons = Object.keys(formats).map((format) => element("button", { type: "button", onclick: () => save(format) }, format));
  return element("section", { id: "track" }, figure, element("p", { class: "do" }, t("save the track:"), " ", ...buttons), elsewhere);
}
