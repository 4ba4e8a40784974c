// The colours of what is drawn, as the style sheet names them for dark and light.

import { setShade } from "../format.js";

export const colours = {};

export function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["accent", "danger", "military", "plane-line", "land", "coast", "border-line", "region-line", "water", "river", "road", "road-minor", "runway", "town", "green", "place", "place-large", "airport", "text", "page", "muted"]) {
    colours[name] = style.getPropertyValue(`--${name}`).trim();
  }
  setShade(Number(style.getPropertyValue("--shade")));
}
