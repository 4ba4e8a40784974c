// One aircraft on the canvas.

import { isEmergency, isMilitary, isWatched } from "../format.js";
import { isChosen } from "../store.js";
import { colours } from "./colours.js";
import { heading, pathOf, shapeOf } from "./shapes.js";
import { L } from "./surface.js";

const SCALE = 1.05;
const FONT = "11.5px system-ui, sans-serif";

// An aircraft: its shape, a ring when it is watched, and its label, all on the canvas.
export const Plane = L.CircleMarker.extend({
  _updateBounds() { // the label is drawn, too: what is not within the bounds would be left behind
    const { label } = this.options;
    this._pxBounds = new L.Bounds(this._point.subtract([30, 30]), this._point.add([label ? 150 : 30, Math.max(30, 8 * (label?.length ?? 0))]));
  },
  _updatePath() {
    const context = this._renderer._ctx;
    if (!this._renderer._drawing || this._empty()) return;
    const { aircraft, selected, label, fillColor } = this.options;
    const shape = shapeOf(aircraft);
    const urgent = isEmergency(aircraft);
    const { x, y } = this._point;
    if (urgent) alarm(context, x, y);
    const size = SCALE * shape.size * (selected ? 1.4 : urgent ? 1.25 : 1);
    context.save();
    context.translate(x, y);
    if (!shape.upright) context.rotate(((heading(aircraft) ?? 0) * Math.PI) / 180);
    context.scale(size, size);
    context.setLineDash([]); // whatever was drawn before
    context.lineJoin = "round";
    context.lineWidth = (selected || isMilitary(aircraft) ? 4 : 2.2) / size;
    context.strokeStyle = isMilitary(aircraft) ? colours.military : colours["plane-line"];
    context.fillStyle = fillColor;
    const path = pathOf(shape);
    context.stroke(path); // half of it is then covered: what remains is an outline around all parts together
    context.fill(path);
    context.restore();
    if (selected || isWatched(aircraft) || isChosen(aircraft.hex)) {
      context.beginPath();
      context.arc(x, y, selected ? 21 : 18, 0, 2 * Math.PI);
      context.lineWidth = 2;
      context.setLineDash(isWatched(aircraft) || selected ? [] : [2, 3]);
      context.strokeStyle = urgent ? colours.danger : colours.accent;
      context.stroke();
      context.setLineDash([]);
    }
    if (label) write(context, label, x, y, aircraft, selected, urgent);
  },
});

/** The loudest thing on the map: a filled disc with two rings. */
function alarm(context, x, y) {
  context.setLineDash([]);
  context.beginPath();
  context.arc(x, y, 26, 0, 2 * Math.PI);
  context.globalAlpha = 0.28;
  context.fillStyle = colours.danger;
  context.fill();
  context.globalAlpha = 1;
  context.strokeStyle = colours.danger;
  context.lineWidth = 3;
  context.stroke();
  context.setLineDash([6, 3]);
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, y, 21, 0, 2 * Math.PI);
  context.stroke();
  context.setLineDash([]);
}

function write(context, label, x, y, aircraft, selected, urgent) {
  context.font = `${selected || urgent ? "700" : "500"} ${FONT}`;
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = colours.page;
  const left = x + (urgent ? 30 : 22);
  label.forEach((line, index) => {
    const top = y + (index - (label.length - 1) / 2) * 13;
    context.strokeText(line, left, top, 120);
    context.fillStyle = index === 0 ? (urgent ? colours.danger : isWatched(aircraft) || selected ? colours.accent : colours.text) : colours.muted;
    context.fillText(line, left, top, 120);
  });
}
