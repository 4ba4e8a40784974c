// The receiver's health over the last hour and day, as small plots: one row of numbers every ten seconds.

import { clock, date, element, number, unknown } from "./format.js";
import { drawOutline, showOutline } from "./map.js";
import { on, store } from "./store.js";

// column, title, unit, digits
const plots = [
  [["messages_per_s"], "messages per second", "", 0],
  [["aircraft", "aircraft_with_position"], "aircraft / on the map", "", 0],
  [["signal_dbfs", "noise_dbfs"], "signal / noise", "dBFS", 1],
  [["gain_db"], "gain", "dB", 1],
  [["lost_percent"], "samples lost", "%", 3],
  [["load_percent"], "load of the demodulator", "%", 0],
  [["effort"], "effort: 1 lean, 2 normal, 3 thorough", "", 0],
  [["queue"], "waiting to be sent", "", 0],
];

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
let span = 3600;

function draw() {
  if (document.getElementById("view-health").hidden) return;
  const { columns } = store.health;
  const rows = span > 3600 ? store.health.day : store.health.hour;
  const box = document.getElementById("plots");
  box.replaceChildren();
  for (const [names, title, unit, digits] of plots) {
    const indices = names.map((name) => columns.indexOf(name)).filter((index) => index > 0);
    const since = (rows.at(-1)?.[0] ?? 0) - span;
    const series = indices.map((index) => rows.map((row) => [row[0], row[index]]).filter(([t, value]) => t >= since && value !== null));
    if (!series.some((points) => points.length)) continue; // the receiver does not say: no plot rather than a flat one
    const last = series.map((points) => number(points.at(-1)?.[1], digits)).join(" / ");
    const canvas = element("canvas", { role: "img", "aria-label": `${title}: now ${last} ${unit}` });
    box.append(element("figure", {}, element("figcaption", {}, title, element("b", {}, `${last} ${unit}`)), canvas));
    plot(canvas, series, digits, rows.at(-1)[0]);
  }
  if (!box.firstChild) box.append(element("p", { class: "empty" }, "The first row of numbers comes within ten seconds."));
  facts();
}

function plot(canvas, series, digits, end) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth || 320;
  const height = 70;
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const all = series.flat();
  const start = end - span;
  let low = Math.min(...all.map(([, value]) => value));
  let high = Math.max(...all.map(([, value]) => value));
  if (low > 0 && low < high / 2) low = 0;
  if (high === low) { high += 1; low -= low === 0 ? 0 : 1; }
  const x = (t) => 4 + ((t - start) / span) * (width - 50);
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
    points.forEach(([t, value], place) => {
      const pause = place > 0 && t - points[place - 1][0] > Math.max(30, span / 40);
      if (place === 0 || pause) context.moveTo(x(t), y(value)); else context.lineTo(x(t), y(value));
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
    element("div", {}, element("dt", {}, label), element("dd", {}, text || unknown))));
}

async function outline() {
  const response = await fetch("api/outline").catch(() => null);
  if (!response?.ok) return;
  drawOutline(await response.json());
  showOutline(!document.getElementById("view-health").hidden);
}

export function makeHealth() {
  on("health", draw);
  for (const button of document.querySelectorAll("#span button")) {
    button.addEventListener("click", () => {
      span = Number(button.dataset.span);
      for (const other of document.querySelectorAll("#span button")) other.setAttribute("aria-checked", String(other === button));
      draw();
    });
  }
  on("station", () => { outline(); draw(); });
  setInterval(outline, 60_000);
  return draw;
}
