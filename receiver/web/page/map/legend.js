// What the colours of altitude mean.

import { altitudeColour, altitudeStops, element, number } from "../format.js";
import { t } from "../lang.js";
import { altitudeOf, altitudeUnit, altitudeWords } from "../units.js";
import { L } from "./surface.js";

let ramp;
let ticks;

export function legend() {
  const control = L.control({ position: "bottomright" });
  control.onAdd = () => {
    ramp = element("div", { class: "ramp" });
    ticks = element("div", { class: "ticks" });
    paintRamp();
    return element("div", { class: "legend", role: "img", "aria-label": t("colour of altitude, 0 to 40,000 feet") }, ramp, ticks);
  };
  return control;
}

export function paintRamp() {
  const colours = altitudeStops.map(([feet]) => `${altitudeColour(feet)} ${(feet / 42000) * 100}%`);
  ticks.replaceChildren(...[0, 10_000, 20_000, 30_000, 40_000].map((feet, index) =>
    element("span", {}, altitudeUnit() === "FL" || index === 4 ? `${altitudeWords(feet)}${altitudeUnit() === "FL" ? "" : ` ${altitudeUnit()}`}` : number(altitudeOf(feet) / 1000))));
  ramp.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
}
