// What the colours of altitude mean.

import { altitudeColour, altitudeStops, element } from "../format.js";
import { L } from "./surface.js";

let ramp;

export function legend() {
  const control = L.control({ position: "bottomright" });
  control.onAdd = () => {
    ramp = element("div", { class: "ramp" });
    paintRamp();
    return element("div", { class: "legend", role: "img", "aria-label": "colour of altitude, 0 to 40,000 feet" }, ramp,
      element("div", { class: "ticks" }, ...["0", "10", "20", "30", "40,000 ft"].map((text) => element("span", {}, text))));
  };
  return control;
}

export function paintRamp() {
  const colours = altitudeStops.map(([feet]) => `${altitudeColour(feet)} ${(feet / 42000) * 100}%`);
  ramp.style.background = `linear-gradient(to right, ${colours.join(", ")})`;
}
