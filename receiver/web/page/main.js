// Starts the page and ties the views together.

import { makeAlerts, showAlert } from "./alerts.js";
import { makeDetail } from "./detail.js";
import { number } from "./format.js";
import { shown, watchFilters } from "./filters.js";
import { makeHealth } from "./health.js";
import { t, translatePage } from "./lang.js";
import { makeMap, show } from "./map.js";
import { choose, fromAddress, isOn, note, option, takeAddress } from "./options.js";
import { makePlayback, step } from "./playback.js";
import { watchStates } from "./states.js";
import { keepTrails, on, select, setChosen, store } from "./store.js";
import { follow } from "./stream.js";
import { makeTable } from "./table.js";
import { makeView } from "./view.js";

translatePage();

const tabs = [...document.querySelectorAll("[role=tab]")];

function openTab(name) {
  for (const tab of tabs) {
    const chosen = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !chosen;
  }
  if (name === "health") drawHealth();
  if (name === "aircraft") drawTable();
}

tabs.forEach((tab, index) => {
  tab.addEventListener("click", () => openTab(tab.id.slice(4)));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(index + step + tabs.length) % tabs.length];
    next.focus();
    openTab(next.id.slice(4));
  });
});

function theme(next) {
  document.documentElement.dataset.theme = next;
  try { localStorage.setItem("theme", next); } catch { /* private window: not kept */ }
}

function remembered() {
  try { return localStorage.getItem("theme"); } catch { return null; }
}

theme(remembered() ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark"));
const switchTheme = () => theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
document.getElementById("theme").addEventListener("click", switchTheme);

makeMap();
watchFilters();
const drawTable = makeTable();
makeDetail();
makeAlerts(openTab);
const drawHealth = makeHealth();
const togglePlay = makePlayback();
makeView();
watchStates();

let rate = null;
on("health", () => {
  const index = store.health.columns.indexOf("messages_per_s");
  rate = store.health.hour.at(-1)?.[index] ?? null;
});
on("air", () => {
  const all = [...store.aircraft.values()];
  const some = all.filter(shown).length;
  document.getElementById("count-all").textContent = some === all.length ? number(all.length) : `${number(some)} / ${number(all.length)}`;
  document.getElementById("count-position").textContent = number(all.filter((a) => a.lat !== undefined).length);
  document.getElementById("count-messages").textContent = number(rate);
  document.title = store.live ? `Squitter (${all.length})` : t("Squitter: replay");
});
on("details", () => { openTab("aircraft"); if (option("panel") === "closed") choose("panel", "open"); });

// Aircraft picked besides the selected one, and the panel's size.
const cycle = (name, values) => choose(name, values[(values.indexOf(option(name)) + 1) % values.length]);
const isolate = document.getElementById("isolate");
function showPicked() {
  const count = store.chosen.size;
  document.getElementById("picked").hidden = count === 0 && !isOn("isolate");
  document.querySelector("#picked b").textContent = t("{count} picked", { count });
  isolate.checked = isOn("isolate");
}
isolate.addEventListener("change", () => choose("isolate", isolate.checked ? "on" : "off"));
document.getElementById("picked-clear").addEventListener("click", () => { setChosen([]); choose("isolate", "off"); });
on("chosen", () => { choose("chosen", [...store.chosen].join(",").slice(0, 390)); showPicked(); });
on("options", (name) => {
  if (name === "isolate") showPicked();
  if (name === "panel") showPanel();
  keepTrails(() => isOn("persist"));
});
keepTrails(() => isOn("persist"));
function showPanel() {
  const open = option("panel") === "open";
  document.body.classList.toggle("wide-map", !open);
  document.getElementById("panel-toggle").setAttribute("aria-expanded", String(open));
}
const togglePanel = () => choose("panel", option("panel") === "open" ? "closed" : "open");
document.getElementById("panel-toggle").addEventListener("click", togglePanel);
document.getElementById("sheet").addEventListener("click", () => document.body.classList.toggle("tall-sheet"));
showPanel();
if (option("chosen")) setChosen(option("chosen").split(",").filter(Boolean));
showPicked();

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input:not([type=checkbox], [type=range]), textarea, select") && event.key !== "Escape") return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = {
    "/": () => { openTab("aircraft"); document.getElementById("search").focus(); },
    Escape: () => { document.activeElement?.blur(); select(null); },
    d: switchTheme, 1: () => openTab("aircraft"), 2: () => openTab("alerts"), 3: () => openTab("health"), 4: () => openTab("view"), p: togglePlay,
    ",": () => step(-1), ".": () => step(1), t: togglePanel, l: () => cycle("labels", ["off", "short", "long"]),
    f: () => choose("follow", isOn("follow") ? "off" : "on"), h: () => cycle("day", ["off", "tracks", "heat"]),
  };
  if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
});

// Permalinks: #aircraft=ae4bd7 and #alert=…, and with them every choice that differs from the usual.
let wanted = null;
function readLink(hash = location.hash) {
  const parts = fromAddress(hash);
  const { aircraft, alert } = parts;
  wanted = alert ? ["alert", alert] : aircraft ? ["aircraft", aircraft] : null;
  takeAddress(parts);
  followLink();
}
function followLink() {
  if (!wanted) return;
  const [kind, id] = wanted;
  if (kind === "alert" && store.alerts.has(id)) { wanted = null; openTab("alerts"); showAlert(id); }
  const aircraft = store.aircraft.get(id);
  if (kind === "aircraft" && aircraft) {
    wanted = null;
    select(id);
    if (aircraft.lat !== undefined && !fromAddress().at) show(aircraft.lat, aircraft.lon);
  }
}
// the event's own address: a write that was waiting may have replaced the window's by now
addEventListener("hashchange", (event) => readLink(new URL(event.newURL).hash));
on("alerts", followLink);
on("air", followLink);
on("selection", (hex) => { if (!wanted) note("aircraft", hex); });
readLink();
follow();
