// The table of aircraft: sorted by any column, one row an aircraft, rows reused from second to second.

import { chosenColumns, full, order } from "./columns.js";
import { element, isEmergency, isMilitary, isWatched } from "./format.js";
import { shown } from "./filters.js";
import { t } from "./lang.js";
import { choose, option } from "./options.js";
import { isChosen, on, select, store, toggleChosen } from "./store.js";

const table = document.getElementById("table");
const body = table.tBodies[0];
const rows = new Map();
let columns = [];
let made = ""; // what the head was made for

export function makeTable() {
  on("air", draw);
  on("filter", draw);
  on("options", draw);
  on("selection", () => { draw(); rows.get(store.selected)?.scrollIntoView({ block: "nearest" }); });
  body.addEventListener("click", (event) => take(event.target.closest("tr"), event));
  body.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); take(event.target.closest("tr"), event); }
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (step) { event.preventDefault(); event.target.closest("tr")?.[step]?.focus(); }
  });
  return draw;
}

function take(row, event) {
  if (!row) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey) toggleChosen(row.dataset.hex);
  else select(row.dataset.hex === store.selected ? null : row.dataset.hex);
}

function head() {
  const wanted = ["columns", "altitude", "speed", "distance"].map(option).join();
  if (wanted === made) return;
  made = wanted;
  columns = chosenColumns();
  table.tHead.rows[0].replaceChildren(...columns.map((column) => {
    const button = element("button", { type: "button", title: t("sort by {what}", { what: full(column) }), "aria-label": full(column) }, t(column.heading()));
    button.addEventListener("click", () => {
      const now = order();
      const down = now.column === column ? !now.descending : column.align === "right";
      choose("sort", (down ? "-" : "") + column.name);
    });
    return element("th", { scope: "col", class: column.align }, button);
  }));
  for (const row of rows.values()) row.remove();
  rows.clear();
}

/** Emergencies first, then by the column; what is unknown last. */
function comparing({ column, descending }) {
  const { value } = column;
  return (a, b) => {
    const urgent = isEmergency(b) - isEmergency(a);
    if (urgent) return urgent;
    const [x, y] = [value(a), value(b)];
    if (x === undefined || y === undefined) return (x === undefined) - (y === undefined) || a.hex.localeCompare(b.hex);
    const found = typeof x === "string" ? x.localeCompare(y) : x - y;
    return (descending ? -found : found) || a.hex.localeCompare(b.hex);
  };
}

function draw() {
  if (document.getElementById("view-aircraft").hidden) return;
  head();
  const sorted = order();
  [...table.tHead.rows[0].cells].forEach((cell, index) =>
    cell.setAttribute("aria-sort", columns[index] === sorted.column ? (sorted.descending ? "descending" : "ascending") : "none"));
  const wanted = [...store.aircraft.values()].filter(shown).sort(comparing(sorted));
  const seen = new Set();
  wanted.forEach((aircraft, index) => {
    seen.add(aircraft.hex);
    let row = rows.get(aircraft.hex);
    if (!row) {
      row = element("tr", { tabindex: "-1", "data-hex": aircraft.hex });
      for (const { align } of columns) row.append(element("td", { class: align }, ""));
      rows.set(aircraft.hex, row);
    }
    columns.forEach(({ text }, column) => {
      const value = text(aircraft);
      const node = row.cells[column].firstChild;
      if (node.data !== value) node.data = value;
    });
    row.classList.toggle("selected", aircraft.hex === store.selected);
    row.classList.toggle("chosen", isChosen(aircraft.hex));
    row.classList.toggle("military", isMilitary(aircraft));
    row.classList.toggle("watched", isWatched(aircraft));
    row.classList.toggle("emergency", Boolean(isEmergency(aircraft)));
    if (body.rows[index] !== row) body.insertBefore(row, body.rows[index] ?? null);
  });
  for (const [hex, row] of rows) if (!seen.has(hex)) { row.remove(); rows.delete(hex); }
  // One stop for the tabulator key: the row that has the focus, the selected one, or the first; arrows go on from there.
  const stop = body.contains(document.activeElement) ? document.activeElement : rows.get(store.selected) ?? body.rows[0];
  for (const row of body.rows) if ((row.tabIndex === 0) !== (row === stop)) row.tabIndex = row === stop ? 0 : -1;
}
