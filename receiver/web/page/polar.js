// How far aircraft were received in each direction, by altitude.

import { altitudeColour, element, number } from "./format.js";
import { t } from "./lang.js";
import { altitudeUnit, altitudeWords, distanceOf, distanceUnit } from "./units.js";

const SIDE_PX = 300;
const HEIGHTS_FT = [5_000, 17_000, 36_000]; // whose colours the bands have

/** `between_ft`, and for each band of altitude the farthest distance (nmi) by sector from north. */
export function drawPolar({ between_ft: between, bands }) {
  document.getElementById("polar")?.remove();
  const farthest = Math.max(...bands.flat());
  if (!(farthest > 0)) return;
  const canvas = element("canvas", { role: "img" });
  const words = [t("below {high}", { high: height(between[0]) }), t("{low} to {high}", { low: height(between[0]), high: height(between[1]) }), t("above {low}", { low: height(between[1]) })];
  const far = `${number(distanceOf(farthest))} ${distanceUnit()}`;
  canvas.setAttribute("aria-label", `${t("range by direction and altitude")}: ${t("farthest: {far}", { far })}`);
  const key = element("p", { class: "key" }, ...words.map((text, band) => {
    const swatch = element("i", {});
    swatch.style.background = altitudeColour(HEIGHTS_FT[band]);
    return element("span", {}, swatch, text);
  }));
  document.getElementById("plots").after(element("figure", { id: "polar" }, element("figcaption", {}, t("range by direction and altitude"), element("b", {}, far)), canvas, key));
  paint(canvas, bands, farthest);
}

const height = (feet) => `${altitudeWords(feet)}${altitudeUnit() === "FL" ? "" : ` ${altitudeUnit()}`}`;

function paint(canvas, bands, farthest) {
  const css = getComputedStyle(document.documentElement);
  const ratio = window.devicePixelRatio || 1;
  canvas.width = canvas.height = SIDE_PX * ratio;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.translate(SIDE_PX / 2, SIDE_PX / 2);
  const radius = SIDE_PX / 2 - 18;
  context.strokeStyle = css.getPropertyValue("--line");
  context.fillStyle = css.getPropertyValue("--muted");
  context.font = "10px system-ui, sans-serif";
  context.textAlign = "center";
  for (const share of [0.25, 0.5, 0.75, 1]) {
    context.beginPath();
    context.arc(0, 0, radius * share, 0, 2 * Math.PI);
    context.stroke();
    context.fillText(number(distanceOf(farthest * share)), 0, -radius * share + 11);
  }
  [["N", 0, -radius - 5], ["E", radius + 9, 4], ["S", 0, radius + 14], ["W", -radius - 9, 4]].forEach(([name, x, y]) => context.fillText(name, x, y));
  for (const band of [2, 1, 0]) {
    context.fillStyle = altitudeColour(HEIGHTS_FT[band]);
    context.globalAlpha = 0.6;
    bands[band].forEach((distance, sector) => {
      const width = (2 * Math.PI) / bands[band].length;
      context.beginPath();
      context.moveTo(0, 0);
      context.arc(0, 0, (radius * distance) / farthest, sector * width - Math.PI / 2, (sector + 1) * width - Math.PI / 2);
      context.fill();
    });
  }
  context.globalAlpha = 1;
}
