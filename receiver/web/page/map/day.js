// The tracks of the last 24 hours, as lines or as a map of where most aircraft are.

import { altitudeColour } from "../format.js";
import { option } from "../options.js";
import { on, tell } from "../store.js";
import { L, map } from "./surface.js";

const AGAIN_MS = 10 * 60_000;
const CELL_PX = 6;
const HEAT = [[0, 0, 0, 0], [36, 78, 160, 110], [32, 160, 160, 150], [230, 200, 60, 190], [255, 90, 60, 225]];

let tracks = null;
let asked = 0;

const Day = L.Layer.extend({
  onAdd() {
    this._canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide");
    map.getPane("day").append(this._canvas);
    map.on("moveend viewreset resize", this.draw, this);
    this.draw();
  },
  onRemove() {
    map.off("moveend viewreset resize", this.draw, this);
    this._canvas.remove();
  },
  draw() {
    const size = map.getSize();
    L.DomUtil.setPosition(this._canvas, map.containerPointToLayerPoint([0, 0]));
    this._canvas.width = size.x;
    this._canvas.height = size.y;
    const context = this._canvas.getContext("2d");
    if (!tracks) return;
    if (option("day") === "heat") heat(context, size); else lines(context, size);
  },
});

function* visible(track, size) {
  for (const point of track) {
    const { x, y } = map.latLngToContainerPoint([point[1], point[2]]);
    yield [x, y, point, x > -50 && y > -50 && x < size.x + 50 && y < size.y + 50];
  }
}

function lines(context, size) {
  context.globalAlpha = 0.4;
  context.lineWidth = 1;
  for (const track of Object.values(tracks)) {
    let before = null;
    for (const [x, y, point, inside] of visible(track, size)) {
      if (before && !point[4] && (inside || before[2])) {
        context.beginPath();
        context.moveTo(before[0], before[1]);
        context.lineTo(x, y);
        context.strokeStyle = altitudeColour(point[3]);
        context.stroke();
      }
      before = [x, y, inside];
    }
  }
}

function heat(context, size) {
  const [wide, high] = [Math.ceil(size.x / CELL_PX), Math.ceil(size.y / CELL_PX)];
  const counts = new Float32Array(wide * high);
  for (const track of Object.values(tracks)) {
    let before = null;
    for (const [x, y, point] of visible(track, size)) {
      const steps = before && !point[4] ? Math.min(200, Math.ceil(Math.hypot(x - before[0], y - before[1]) / CELL_PX)) : 1;
      for (let step = 1; step <= steps; step++) { // on the way, too: fast aircraft have few points
        const px = before && steps > 1 ? before[0] + ((x - before[0]) * step) / steps : x;
        const py = before && steps > 1 ? before[1] + ((y - before[1]) * step) / steps : y;
        const [column, row] = [Math.floor(px / CELL_PX), Math.floor(py / CELL_PX)];
        if (column >= 0 && row >= 0 && column < wide && row < high) counts[row * wide + column] += 1;
      }
      before = [x, y];
    }
  }
  const most = Math.max(2, counts.reduce((a, b) => Math.max(a, b), 0));
  counts.forEach((count, index) => {
    if (!count) return;
    const at = (Math.log1p(count) / Math.log1p(most)) * (HEAT.length - 1);
    const low = Math.min(HEAT.length - 2, Math.floor(at));
    const [r, g, b, a] = HEAT[low].map((value, k) => value + (at - low) * (HEAT[low + 1][k] - value));
    context.fillStyle = `rgb(${r} ${g} ${b} / ${a / 255})`;
    context.fillRect((index % wide) * CELL_PX, Math.floor(index / wide) * CELL_PX, CELL_PX, CELL_PX);
  });
}

const layer = new Day();

async function ask() {
  asked = Date.now();
  const response = await fetch("api/tracks?hours=24").catch(() => null);
  if (!response?.ok) return;
  tracks = await response.json();
  if (map.hasLayer(layer)) layer.draw();
  tell("day");
}

function show() {
  if (option("day") === "off") { layer.remove(); return; }
  if (map.hasLayer(layer)) layer.draw(); else layer.addTo(map);
  if (Date.now() - asked > AGAIN_MS || !tracks) ask();
}

export function watchDay() {
  on("options", (name) => { if (name === "day") show(); });
  on("station", show);
  setInterval(() => { if (option("day") !== "off" && !document.hidden && Date.now() - asked > AGAIN_MS) ask(); }, 60_000);
}

/** How much of the day is drawn, for the page's own checks. */
export const dayDrawn = () => (map.hasLayer(layer) && tracks ? Object.keys(tracks).length : 0);
