// Starts the page and ties the views together.

import { makeAlerts, showAlert } from "./alerts.js";
import { makeDetail } from "./detail.js";
import { number } from "./format.js";
import { watchFilters } from "./filters.js";
import { makeHealth } from "./health.js";
import { makeMap, show, showOutline } from "./map.js";
import { makePlayback } from "./playback.js";
import { on, select, store } from "./store.js";
import { follow } from "./stream.js";
import { makeTable } from "./table.js";

const tabs = [...document.querySelectorAll("[role=tab]")];

function openTab(name) {
  for (const tab of tabs) {
    const chosen = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !chosen;
  }
  showOutline(name === "health");
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

let rate = null;
on("health", () => {
  const index = store.health.columns.indexOf("messages_per_s");
  rate = store.health.hour.at(-1)?.[index] ?? null;
});
on("air", () => {
  const all = [...store.aircraft.values()];
  document.getElementById("count-all").textContent = number(all.length);
  document.getElementById("count-position").textContent = number(all.filter((a) => a.lat !== undefined).length);
  document.getElementById("count-messages").textContent = number(rate);
  document.title = store.live ? `Squitter (${all.length})` : "Squitter: replay";
});
on("details", () => openTab("aircraft"));

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, textarea") && event.key !== "Escape") return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const keys = {
    "/": () => { openTab("aircraft"); document.getElementById("search").focus(); },
    Escape: () => { document.activeElement?.blur(); select(null); },
    d: switchTheme, 1: () => openTab("aircraft"), 2: () => openTab("alerts"), 3: () => openTab("health"), p: togglePlay,
  };
  if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
});

// Permalinks: #aircraft=ae4bd7 and #alert=…
let wanted = null;
function plain(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return ""; // a lone %: nothing that we have made
  }
}
function readLink() {
  const [kind, id] = plain(location.hash.slice(1)).split("=");
  wanted = kind && id ? [kind, id] : null;
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
    if (aircraft.lat !== undefined) show(aircraft.lat, aircraft.lon);
  }
}
addEventListener("hashchange", readLink);
on("alerts", followLink);
on("air", followLink);
readLink();
follow();
