// One aircraft on the canvas.

import { isEmergency, isMilitary, isWatched } from "../format.js";
import { colours } from "./colours.js";
import { heading, shape } from "./shapes.js";
import { L } from "./surface.js";

// An aircraft: its shape, a ring when it is watched, and its label, all on the canvas.
export const Plane = L.CircleMarker.extend({
  _updateBounds() { // the label is drawn, too: what is not within the bounds would be left behind
    this._pxBounds = new L.Bounds(this._point.subtract([20, 20]), this._point.add([this.options.label ? 130 : 20, 26]));
  },
  _updatePath() {
    const context = this._renderer._ctx;
    if (!this._renderer._drawing || this._empty()) return;
    const { aircraft, selected, label, fillColor } = this.options;
    const scale = selected ? 1.5 : 1.05;
    const { x, y } = this._point;
    context.save();
    context.translate(x, y);
    context.rotate(((heading(aircraft) ?? 0) * Math.PI) / 180);
    context.scale(scale, scale);
    context.beginPath();
    for (const [px, py] of shape(aircraft)) context.lineTo(px, py);
    context.closePath();
    context.fillStyle = fillColor;
    context.fill();
    context.setLineDash([]); // whatever was drawn before
    context.lineWidth = (selected || isMilitary(aircraft) ? 2 : 1) / scale;
    context.strokeStyle = isMilitary(aircraft) ? colours.military : colours["plane-line"];
    context.stroke();
    context.restore();
    if (selected || isWatched(aircraft) || isEmergency(aircraft)) {
      context.beginPath();
      context.arc(x, y, selected ? 19 : 17, 0, 2 * Math.PI);
      context.lineWidth = 2;
      context.setLineDash(isEmergency(aircraft) ? [6, 3] : []);
      context.strokeStyle = isEmergency(aircraft) ? colours.danger : colours.accent;
      context.stroke();
      context.setLineDash([]);
    }
    if (!label) return;
    context.font = `${selected ? "700" : "500"} 11.5px system-ui, sans-serif`;
    context.textBaseline = "middle";
    context.lineJoin = "round";
    context.lineWidth = 3;
    context.strokeStyle = colours.page;
    label.forEach((line, index) => {
      const top = y + (index - (label.length - 1) / 2) * 13;
      context.strokeText(line, x + 20, top, 106);
      context.fillStyle = index === 0 ? (isEmergency(aircraft) ? colours.danger : isWatched(aircraft) || selected ? colours.accent : colours.text) : colours.muted;
      context.fillText(line, x + 20, top, 106);
    });
  },
});
