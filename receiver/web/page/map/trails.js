// Where aircraft came from.

import { altitude, altitudeColour } from "../format.js";
import { isOn, option } from "../options.js";
import { store } from "../store.js";
import { altitudeWords, clock } from "../units.js";
import { colours } from "./colours.js";
import { L, canvas, map } from "./surface.js";

const SHORT_TRAIL_S = 180;
const ARROW_PX = 70; // from one arrow to the next
const LABEL_PX = 130;
export const trails = new Map(); // hex -> Trail

// A trail: one line, each part in the colour of its altitude; a pause of more than two minutes thin and dashed.
export const Trail = L.Polyline.extend({
  options: { noClip: true, smoothFactor: 0, interactive: false },
  _updatePath() {
    const context = this._renderer._ctx;
    const points = this._parts[0];
    if (!this._renderer._drawing || !points || points.length < 2) return;
    const { trail, weight, opacity } = this.options;
    context.save();
    context.globalAlpha = opacity;
    context.lineJoin = "round";
    context.lineCap = "round";
    const stroke = (from, to, feet, pause) => {
      context.beginPath();
      context.moveTo(points[from].x, points[from].y);
      for (let index = from + 1; index <= to; index++) context.lineTo(points[index].x, points[index].y);
      context.strokeStyle = altitudeColour(feet);
      context.lineWidth = pause ? 1 : weight;
      context.setLineDash(pause ? [3, 5] : []);
      context.stroke();
    };
    const step = (feet) => (feet === null ? null : Math.round(feet / 1000));
    let from = 0;
    for (let index = 1; index < points.length; index++) {
      const [before, point] = [trail[index - 1], trail[index]];
      const jump = Math.abs(point[2] - before[2]) > 180; // the date line
      const pause = point.length > 4 ? point[4] === 1 : point[0] - before[0] > 120; // long trails come thinned
      if (!jump && !pause && step(point[3]) === step(before[3])) continue;
      if (index - 1 > from) stroke(from, index - 1, before[3], false);
      if (!jump) stroke(index - 1, index, point[3], pause);
      from = index;
    }
    if (points.length - 1 > from) stroke(from, points.length - 1, trail.at(-1)[3], false);
    if (this.options.marks) marks(context, points, trail);
    context.restore();
  },
});

/** Arrows along the way, and now and then when and how high it was there. */
function marks(context, points, trail) {
  const [arrows, labels] = [isOn("arrows"), isOn("trackLabels")];
  let sinceArrow = 0;
  let sinceLabel = LABEL_PX / 2;
  context.setLineDash([]);
  context.font = "10.5px system-ui, sans-serif";
  context.textBaseline = "middle";
  for (let index = 1; index < points.length; index++) {
    const [a, b] = [points[index - 1], points[index]];
    const length = Math.hypot(b.x - a.x, b.y - a.y);
    sinceArrow += length;
    sinceLabel += length;
    if (length === 0 || length > 20_000) continue;
    if (arrows && sinceArrow >= ARROW_PX) { sinceArrow = 0; arrow(context, b, Math.atan2(b.y - a.y, b.x - a.x)); }
    if (labels && sinceLabel >= LABEL_PX && index < points.length - 1) {
      sinceLabel = 0;
      const words = `${clock(trail[index][0]).slice(0, 5)} ${trail[index][3] === null ? "" : altitudeWords(trail[index][3])}`;
      context.lineWidth = 3;
      context.strokeStyle = colours.page;
      context.strokeText(words, b.x + 7, b.y - 7);
      context.fillStyle = colours.text;
      context.fillText(words, b.x + 7, b.y - 7);
    }
  }
}

function arrow(context, at, angle) {
  context.save();
  context.translate(at.x, at.y);
  context.rotate(angle);
  context.beginPath();
  context.moveTo(-5, -4.5);
  context.lineTo(3, 0);
  context.lineTo(-5, 4.5);
  context.lineWidth = 2.4;
  context.strokeStyle = colours.text;
  context.stroke();
  context.restore();
}

export function drawTrail(aircraft, whole, count, marked = false) {
  const all = option("trails") === "none" && !marked ? [] : aircraft.gone ?? store.trails.get(aircraft.hex) ?? [];
  const span = count > 150 ? SHORT_TRAIL_S / 2 : SHORT_TRAIL_S;
  let first = 0;
  if (!whole) while (first < all.length && all[first][0] < store.now - span) first++;
  const trail = all.slice(first);
  if (aircraft.lat !== undefined && trail.length) trail.push([store.now, aircraft.lat, aircraft.lon, altitude(aircraft) ?? null]);
  let line = trails.get(aircraft.hex);
  const style = { trail, marks: marked, weight: whole ? 3 : 2, opacity: aircraft.gone ? 0.55 : whole ? 1 : 0.65 };
  if (trail.length < 2) {
    line?.remove();
    trails.delete(aircraft.hex);
  } else if (line) {
    Object.assign(line.options, style);
    line.setLatLngs(trail.map(([, lat, lon]) => [lat, lon]));
  } else {
    line = new Trail(trail.map(([, lat, lon]) => [lat, lon]), { ...style, renderer: canvas });
    trails.set(aircraft.hex, line.addTo(map).bringToBack());
  }
}
