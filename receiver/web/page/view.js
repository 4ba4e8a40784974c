// The choices of what is shown, and how.

import { columns, full } from "./columns.js";
import { element } from "./format.js";
import { t } from "./lang.js";
import { address, choose, option } from "./options.js";
import { on, store } from "./store.js";

const box = document.getElementById("view-view");

// title, [option, label, [[value, words], …] or nothing for on and off]
const groups = [
  ["Units and time", [
    ["altitude", "altitude", [["ft", "feet"], ["m", "metres"], ["FL", "flight level"]]],
    ["speed", "speed", [["kt", "knots"], ["km/h", "km/h"], ["mph", "mph"]]],
    ["distance", "distance", [["nmi", "nautical miles"], ["km", "kilometres"], ["mi", "miles"]]],
    ["time", "time", [["utc", "UTC"], ["local", "local"]]],
    ["lang", "language", [["auto", "of the browser"], ["en", "English"], ["es", "Español"]]],
  ]],
  ["On the map", [
    ["labels", "labels", [["off", "off"], ["short", "short"], ["long", "long"]]],
    ["trails", "tracks", [["none", "of the selected"], ["selected", "last minutes"], ["all", "all, whole"]]],
    ["day", "last 24 hours", [["off", "off"], ["tracks", "all tracks"], ["heat", "where most fly"]]],
    ["background", "background", [["map", "built-in map"], ["online", "online tiles"], ["none", "none"]]],
    ["rings", "station and range rings"], ["outline", "outline of the range"],
    ["arrows", "arrows along the track"], ["trackLabels", "time and altitude along the track"],
    ["persist", "keep tracks of aircraft that have left"], ["follow", "follow the selected aircraft"],
  ]],
];

function control([name, label, values]) {
  if (!values) {
    const input = element("input", { type: "checkbox", id: `option-${name}`, onchange: () => choose(name, input.checked ? "on" : "off") });
    return element("label", { class: "switch" }, input, ` ${t(label)}`);
  }
  const select = element("select", { id: `option-${name}`, onchange: () => { choose(name, select.value); if (name === "lang") location.reload(); } },
    ...values.map(([value, words]) => element("option", { value }, t(words))));
  return element("label", { class: "pick" }, element("span", {}, t(label)), select);
}

function columnChooser() {
  const list = element("fieldset", { id: "columns" }, element("legend", {}, t("Columns of the table")));
  for (const column of columns) {
    const input = element("input", { type: "checkbox", "data-column": column.name });
    list.append(element("label", { class: "switch" }, input, ` ${full(column)}`));
  }
  list.addEventListener("change", () => {
    const chosen = [...list.querySelectorAll("input:checked")].map((input) => input.dataset.column);
    if (chosen.length) choose("columns", chosen.join(",")); else show();
  });
  return list;
}

function show() {
  for (const [, controls] of groups) for (const [name, , values] of controls) {
    const input = document.getElementById(`option-${name}`);
    if (values) input.value = option(name); else input.checked = option(name) === "on";
  }
  const chosen = option("columns").split(",");
  for (const input of box.querySelectorAll("[data-column]")) input.checked = chosen.includes(input.dataset.column);
  const { maps, tiles } = store.station;
  document.querySelector("#option-background [value=online]").disabled = !tiles;
  document.querySelector("#option-background [value=map]").disabled = !maps && Boolean(tiles);
}

export function makeView() {
  for (const [title, controls] of groups) {
    box.append(element("fieldset", {}, element("legend", {}, t(title)), ...controls.map(control)));
  }
  box.append(columnChooser());
  const link = element("a", { href: "#", id: "view-link" }, t("a link that shows the map like this"));
  link.addEventListener("pointerdown", () => { link.href = address(); });
  link.addEventListener("focus", () => { link.href = address(); });
  box.append(element("p", {}, link), element("p", { class: "empty" }, t("Your choices stay in this browser. Keys: / search, 1–4 views, p play, , and . step, d dark or light, t table, l labels, f follow, h last 24 hours.")));
  on("options", show);
  on("station", show);
  show();
}
