// What the page says when there is nothing to show, and why.

import { element } from "./format.js";
import { filterError, isFiltered, shown } from "./filters.js";
import { t } from "./lang.js";
import { choose } from "./options.js";
import { on, store } from "./store.js";

const empty = document.getElementById("empty");
const state = document.getElementById("state");
const problem = document.getElementById("search-error");
const CLOCK_OFF_S = 120;
let said = "";
let hintClosed = false;

function button(words, act) {
  return element("button", { type: "button", onclick: act }, t(words));
}

function clearFilters() {
  for (const name of ["q", "low", "high"]) choose(name, "");
  for (const name of ["military", "watched", "position", "isolate"]) choose(name, "off");
  document.getElementById("search").value = "";
}

/** Why the table is empty: key and content; null while it is not. */
function emptiness() {
  if (filterError()) return ["expression", [t("This regular expression is not complete.")]];
  const all = [...store.aircraft.values()];
  if (all.some(shown)) return null;
  if (all.length && isFiltered()) return ["filtered", [t("No aircraft matches. {count} are hidden by the search and filters.", { count: all.length }), " ", button("show all", clearFilters)]];
  if (!store.live) return ["past", [t("No aircraft was received at this time.")]];
  if (!store.now) return ["nothing", [t("Nothing received yet. Is the antenna connected? The first aircraft usually appears within a minute; `squitter doctor` finds what is wrong.")]];
  return ["quiet", [t("No aircraft now. With a working antenna that is rare by day: check its cable, the gain, and `squitter doctor`.")]];
}

/** What is worth saying over the map: key and content. */
function notice() {
  const off = store.live && store.now && store.station.receiver_state !== undefined ? Math.abs(Date.now() / 1000 - store.now) : 0;
  if (off > CLOCK_OFF_S && store.station.source === "dongle") return ["clock", [t("The receiver's clock and this device's differ by {minutes} minutes: times may be wrong.", { minutes: Math.round(off / 60) })]];
  if (store.station.aircraft_listed === 0 && !hintClosed) {
    return ["database", [t("Types and registrations come with `squitter db update`."), " ", button("close", () => { hintClosed = true; draw(); })]];
  }
  return null;
}

function put(node, found) {
  node.hidden = !found;
  if (found && node.dataset.key !== found[0] + String(found[1][0])) {
    node.dataset.key = found[0] + String(found[1][0]);
    node.replaceChildren(...found[1]);
  }
}

function draw() {
  put(empty, emptiness());
  put(state, notice());
  const error = filterError();
  problem.hidden = !error;
  if (error !== said) { said = error; problem.textContent = error; }
}

export function watchStates() {
  for (const topic of ["air", "filter", "station", "options"]) on(topic, draw);
  draw();
}
