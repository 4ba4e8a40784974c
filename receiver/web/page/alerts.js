// Alerts: the sentence, the picture, the track; the newest open ones first.

import { duration, element } from "./format.js";
import { t } from "./lang.js";
import { show, showTrack } from "./map.js";
import { replayFrom } from "./playback.js";
import { on, select, store } from "./store.js";
import { clock, date } from "./units.js";

const list = document.getElementById("alerts");
const banner = document.getElementById("banner");
const open = document.getElementById("banner-open");
const dismissed = new Set();
const cards = new Map(); // id -> {node, stamp}: a card stays the same element until its alert changes
const loud = { critical: 2, warning: 1, info: 0 };

function order(a, b) {
  return (a.state === "ended") - (b.state === "ended") || (loud[b.severity] ?? 0) - (loud[a.severity] ?? 0) || b.raised_at - a.raised_at;
}

/** Show an alert on the map: its aircraft and all of its track. */
async function look(alert) {
  const hex = alert.hex ?? alert.aircraft?.hex;
  if (hex) select(hex, false);
  const response = await fetch(`api/alerts/${encodeURIComponent(alert.id)}/track`).catch(() => null);
  if (response?.ok && showTrack(await response.json(), alert.pattern)) return;
  if (alert.aircraft?.lat !== undefined) show(alert.aircraft.lat, alert.aircraft.lon);
}

function when(alert) {
  const end = alert.ended_at ?? alert.updated_at;
  const lasted = end > alert.raised_at + 60 ? ` · ${duration(end - alert.raised_at)}` : "";
  return `${t(alert.state === "ended" ? "ended" : "now")} · ${t("since")} ${date(alert.raised_at)} ${clock(alert.raised_at)}${lasted}`;
}

function card(alert) {
  const item = element("li", { class: `alert ${alert.severity} ${alert.state}`, id: `alert-${alert.id}`, tabindex: "-1" },
    element("p", { class: "when" }, element("b", {}, alert.title ?? alert.rule), ` · ${when(alert)}`),
    element("p", { class: "text" }, alert.text));
  if (alert.picture) {
    const picture = element("img", { src: `${alert.picture}?v=${Math.round(alert.updated_at)}`,
      alt: `track: ${alert.text}`, loading: "lazy" });
    picture.addEventListener("error", () => picture.remove());
    item.append(picture);
  }
  item.append(element("p", { class: "why" }, `${t("because")} ${alert.clause}`));
  if (alert.facts?.length) {
    item.append(element("details", {}, element("summary", {}, t("where this is known from")),
      element("ul", {}, ...alert.facts.map((fact) => element("li", {}, `${fact.name}: ${fact.value} (${fact.source})`)))));
  }
  item.append(element("p", { class: "do" },
    element("button", { type: "button", class: "look", onclick: () => look(alert) }, t("show on the map")),
    element("button", { type: "button", onclick: () => replayFrom(alert.raised_at - 60) }, t("replay")),
    element("a", { href: `#alert=${encodeURIComponent(alert.id)}` }, t("link"))));
  return item;
}

/** Put a card in the place of its former self, unfolded and focused as that was. */
function exchange(before, node) {
  const reachable = (card) => [...card.querySelectorAll("button, a, summary")];
  const focused = reachable(before).indexOf(document.activeElement);
  const facts = node.querySelector("details");
  if (facts) facts.open = Boolean(before.querySelector("details")?.open);
  before.replaceWith(node);
  reachable(node)[focused]?.focus();
}

function draw() {
  const alerts = [...store.alerts.values()].sort(order).slice(0, 100);
  const kept = new Set();
  alerts.forEach((alert, index) => {
    kept.add(alert.id);
    const stamp = `${alert.state} ${alert.updated_at} ${alert.picture ?? ""} ${alert.text}`;
    let made = cards.get(alert.id);
    if (made?.stamp !== stamp) {
      const node = card(alert);
      if (made) exchange(made.node, node);
      cards.set(alert.id, (made = { node, stamp }));
    }
    if (list.children[index] !== made.node) list.insertBefore(made.node, list.children[index] ?? null);
  });
  for (const [id, { node }] of cards) if (!kept.has(id)) { node.remove(); cards.delete(id); }
  document.getElementById("no-alerts").hidden = alerts.length > 0;
  const opened = alerts.filter((alert) => alert.state !== "ended");
  document.getElementById("alert-count").textContent = opened.length ? String(opened.length) : "";
  const first = opened.find((alert) => !dismissed.has(alert.id) && alert.severity !== "info");
  banner.hidden = !first;
  if (first) {
    banner.dataset.id = first.id;
    banner.className = first.severity;
    if (open.textContent !== first.text) open.textContent = first.text;
  }
}

export function makeAlerts(openTab) {
  on("alerts", draw);
  open.addEventListener("click", () => {
    openTab("alerts");
    showAlert(banner.dataset.id);
  });
  document.getElementById("banner-close").addEventListener("click", () => {
    dismissed.add(banner.dataset.id);
    draw();
  });
}

export function showAlert(id) {
  const alert = store.alerts.get(id);
  if (!alert) return;
  dismissed.add(id);
  draw();
  look(alert);
  document.getElementById(`alert-${id}`)?.scrollIntoView({ block: "nearest" });
}
