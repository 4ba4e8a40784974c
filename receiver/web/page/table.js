// The table of aircraft: sorted by any column, one row a hex, rows reused from second to second.

import { altitude, altitudeText, callsign, element, isEmergency, isMilitary, isWatched, number, unknown } from "./format.js";
import { shown } from "./filters.js";
import { age, on, select, store } from "./store.js";

// heading, in full, what is shown, what is sorted by, alignment
const columns = [
  ["call sign", "call sign", (a) => callsign(a) || unknown, (a) => callsign(a) || undefined, "left"],
  ["address", "24-bit address", (a) => a.hex, (a) => a.hex, "left"],
  ["type", "type of aircraft", (a) => a.t ?? unknown, (a) => a.t, "left"],
  ["ft", "altitude in feet", altitudeText, altitude, "right"],
  ["kt", "ground speed in knots", (a) => number(a.gs), (a) => a.gs, "right"],
  ["nmi", "distance in nautical miles", (a) => number(a.r_dst, 1), (a) => a.r_dst, "right"],
  ["squawk", "squawk", (a) => a.squawk ?? unknown, (a) => a.squawk, "right"],
  ["msgs", "messages heard", (a) => number(a.messages), (a) => a.messages, "right"],
  ["age", "seconds since it was heard", (a) => number(age(a, "seen")), (a) => age(a, "seen"), "right"],
];

const table = document.getElementById("table");
const body = table.tBodies[0];
const rows = new Map();
let sorted = 5; // the nearest first; without distances, by address
let descending = false;

export function makeTable() {
  const head = table.tHead.rows[0];
  columns.forEach(([heading, full, , , align], index) => {
    const button = element("button", { type: "button", title: `sort by ${full}`, "aria-label": full }, heading);
    button.addEventListener("click", () => {
      descending = sorted === index ? !descending : align === "right";
      sorted = index;
      draw();
    });
    head.append(element("th", { scope: "col", class: align }, button));
  });
  on("air", draw);
  on("filter", draw);
  on("selection", () => { draw(); rows.get(store.selected)?.scrollIntoView({ block: "nearest" }); });
  body.addEventListener("click", (event) => choose(event.target.closest("tr")));
  body.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(event.target.closest("tr")); }
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (step) { event.preventDefault(); event.target.closest("tr")?.[step]?.focus(); }
  });
  return draw;
}

function choose(row) {
  if (row) select(row.dataset.hex === store.selected ? null : row.dataset.hex);
}

function compare(a, b) {
  const [x, y] = [columns[sorted][3](a), columns[sorted][3](b)];
  if (x === undefined || y === undefined) return (x === undefined) - (y === undefined) || a.hex.localeCompare(b.hex);
  const order = typeof x === "string" ? x.localeCompare(y) : x - y;
  return (descending ? -order : order) || a.hex.localeCompare(b.hex);
}

function draw() {
  if (document.getElementById("view-aircraft").hidden) return;
  [...table.tHead.rows[0].cells].forEach((cell, index) =>
    cell.setAttribute("aria-sort", index === sorted ? (descending ? "descending" : "ascending") : "none"));
  const wanted = [...store.aircraft.values()].filter(shown).sort(compare);
  const seen = new Set();
  wanted.forEach((aircraft, index) => {
    seen.add(aircraft.hex);
    let row = rows.get(aircraft.hex);
    if (!row) {
      row = element("tr", { tabindex: "-1", "data-hex": aircraft.hex });
      for (const [, , , , align] of columns) row.append(element("td", { class: align }, ""));
      rows.set(aircraft.hex, row);
    }
    columns.forEach(([, , text], column) => {
      const value = text(aircraft);
      const node = row.cells[column].firstChild;
      if (node.data !== value) node.data = value;
    });
    row.classList.toggle("selected", aircraft.hex === store.selected);
    row.classList.toggle("military", isMilitary(aircraft));
    row.classList.toggle("watched", isWatched(aircraft));
    row.classList.toggle("emergency", isEmergency(aircraft));
    if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null);
  });
  for (const [hex, row] of rows) if (!seen.has(hex)) { row.remove(); rows.delete(hex); }
  // One stop for the tabulator key: the row that has the focus, the selected one, or the first; arrows go on from there.
  const stop = body.contains(document.activeElement) ? document.activeElement : rows.get(store.selected) ?? body.rows[0];
  for (const row of body.rows) if ((row.tabIndex === 0) !== (row === stop)) row.tabIndex = row === stop ? 0 : -1;
}
