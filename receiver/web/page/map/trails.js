// Where aircraft came from.

import { altitude, altitudeColour } from "../format.js";
import { store } from "../store.js";
import { L, canvas, map } from "./surface.js";

const SHORT_TRAIL_S = 180;
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
    context.restore();
  },
});

export function drawTrail(aircraft, whole, count) {
  const all = store.trails.get(aircraft.hex) ?? [];
  const span = count > 150 ? SHORT_TRAIL_S / 2 : SHORT_TRAIL_S;
  let first = 0;
  if (!whole) while (first < all.length && all[first][0] < store.now - span) first++;
  const trail = all.slice(first);
  if (aircraft.lat !== undefined && trail.length) trail.push([store.now, aircraft.lat, aircraft.lon, altitude(aircraft) ?? null]);
  let line = trails.get(aircraft.hex);
  const style = { trail, weight: whole ? 3 : 2, opacity: whole ? 1 : 0.65 };
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
