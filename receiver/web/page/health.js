// The receiver's health as small plots: a row of numbers every ten seconds, five minutes, or hour; and how far it reaches.

import { element, number, unknown } from "./format.js";
import { t } from "./lang.js";
import { drawOutline } from "./map.js";
import { drawPolar } from "./polar.js";
import { on, store } from "./store.js";
import { clock, date } from "./units.js";

// columns, title, unit, digits
const plots = [
  [["messages_per_s"], "messages per second", "", 0],
  [["aircraft", "aircraft_with_position"], "aircraft / on the map", "", 0],
  [["signal_dbfs", "noise_dbfs"], "signal / noise", "dBFS", 1],
  [["gain_db"], "gain", "dB", 1],
  [["lost_percent"], "samples lost", "%", 3],
  [["load_percent"], "work of the decoder", "%", 0],
  [["effort"], "thoroughness: 1 quick, 2 normal, 3 thorough", "", 0],
  [["queue"], "waiting to be sent", "", 0],
  [["cpu_percent"], "processor of this machine", "%", 0],
  [["temperature_c"], "temperature of this machine", "°C", 1],
];
const MONTHS_S = 7_776_000;

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
let span = 3600;
let months = null;

function rowsShown() {
  if (span === MONTHS_S) return months ?? [];
  return span > 3600 ? store.health.day : store.health.hour;
}

function draw() {
  if (document.getElementById("view-health").hidden) return;
  const { columns } = store.health;
  const rows = rowsShown();
  const box = document.getElementById("plots");
  box.replaceChildren();
  const first = rows.at(0)?.[0] ?? 0;
  const end = rows.at(-1)?.[0] ?? 0;
  const wide = span === MONTHS_S ? Math.max(86_400, end - first) : span; // months begin with what there is
  for (const [names, title, unit, digits] of plots) {
    const indices = names.map((name) => columns.indexOf(name)).filter((index) => index > 0);
    const series = indices.map((index) => rows.map((row) => [row[0], row[index]]).filter(([at, value]) => at >= end - wide && value !== null && value !== undefined));
    if (!series.some((points) => points.length)) continue; // the receiver does not say: no plot rather than a flat one
    const last = series.map((points) => number(points.at(-1)?.[1], digits)).join(" / ");
    const canvas = element("canvas", { role: "img", "aria-label": t("{title}: now {value}", { title: t(title), value: `${last} ${unit}` }) });
    box.append(element("figure", {}, element("figcaption", {}, t(title), element("b", {}, `${last} ${unit}`)), canvas));
    plot(canvas, series, digits, end, wide);
  }
  if (!box.firstChild) box.append(element("p", { class: "empty" }, t(span === MONTHS_S ? "Months are filled by one row an hour." : "The first row of numbers comes within ten seconds.")));
  facts();
}

function plot(canvas, series, digits, end, wide) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth || 320;
  const height = 70;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const all = series.flat();
  const start = end - wide;
  let low = Math.min(...all.map(([, value]) => value));
  let high = Math.max(...all.map(([, value]) => value));
  if (low > 0 && low < high / 2) low = 0;
  if (high === low) { high += 1; low -= low === 0 ? 0 : 1; }
  const x = (at) => 4 + ((at - start) / wide) * (width - 50);
  const y = (value) => 6 + (1 - (value - low) / (high - low)) * (height - 12);
  context.fillStyle = css("--muted");
  context.font = "10px system-ui";
  context.textBaseline = "middle";
  context.fillText(number(high, digits), width - 44, y(high));
  context.fillText(number(low, digits), width - 44, y(low));
  series.forEach((points, index) => {
    context.strokeStyle = css(index ? "--muted" : "--accent");
    context.lineWidth = 1.5;
    context.setLineDash(index ? [3, 3] : []);
    context.beginPath();
    points.forEach(([at, value], place) => {
      const pause = place > 0 && at - points[place - 1][0] > Math.max(30, wide / 40);
      if (place === 0 || pause) context.moveTo(x(at), y(value)); else context.lineTo(x(at), y(value));
    });
    context.stroke();
    context.fillStyle = context.strokeStyle;
    if (points.length) context.fillRect(x(points.at(-1)[0]) - 1.5, y(points.at(-1)[1]) - 1.5, 3, 3); // where it is now
  });
}

function facts() {
  const station = store.station;
  const known = [
    ["station", station.name], ["source", station.source], ["receiver", [station.receiver_state, station.receiver_text].filter(Boolean).join(": ")],
    ["sample rate", station.sample_rate_hz && `${number(station.sample_rate_hz / 1e6, 2)} MS/s`],
    ["signal time", store.now ? `${date(store.now)} ${clock(store.now)}` : null], ["version", station.version],
  ];
  document.getElementById("facts").replaceChildren(...known.map(([label, text]) =>
    element("div", {}, element("dt", {}, t(label)), element("dd", {}, text || unknown))));
}

const fetched = async (address) => {
  const response = await fetch(address).catch(() => null);
  return response?.ok ? response.json() : null;
};

async function reach() {
  const points = await fetched("api/outline");
  if (points) drawOutline(points);
  if (document.getElementById("view-health").hidden) return;
  const polar = await fetched("api/range");
  if (polar) drawPolar(polar);
}

async function choose(seconds) {
  span = seconds;
  for (const other of document.querySelectorAll("#span button")) other.setAttribute("aria-checked", String(Number(other.dataset.span) === span));
  if (span === MONTHS_S) months = (await fetched("api/health/months"))?.rows ?? [];
  draw();
}

export function makeHealth() {
  on("health", () => { if (span !== MONTHS_S) draw(); });
  for (const button of document.querySelectorAll("#span button")) button.addEventListener("click", () => choose(Number(button.dataset.span)));
  on("station", () => { reach(); draw(); });
  on("options", (name) => { if (["altitude", "distance", "time"].includes(name)) { draw(); reach(); } });
  setInterval(reach, 60_000);
  return () => { draw(); reach(); };
}
