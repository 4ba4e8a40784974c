// Alerts: the sentence, the picture, the track; the newest open ones first.

import { clock, date, element } from "./format.js";
import { show } from "./map.js";
import { on, select, store } from "./store.js";

const list = document.getElementById("alerts");
const banner = document.getElementById("banner");
const open = document.getElementById("banner-open");
const dismissed = new Set();

function order(a, b) {
  return (a.state === "ended") - (b.state === "ended") || b.raised_at - a.raised_at;
}

function look(alert) {
  const hex = alert.aircraft?.hex;
  if (hex) select(hex);
  if (alert.aircraft?.lat !== undefined) show(alert.aircraft.lat, alert.aircraft.lon);
}

function card(alert) {
  const item = element("li", { class: `alert ${alert.severity} ${alert.state}`, id: `alert-${alert.id}` },
    element("p", { class: "when" },
      `${alert.state === "ended" ? "ended" : "now"} · since ${date(alert.raised_at)} ${clock(alert.raised_at)} · rule ${alert.rule}`),
    element("p", { class: "text" }, alert.text));
  if (alert.picture) {
    const picture = element("img", { src: `api/alerts/${encodeURIComponent(alert.id)}/picture?v=${Math.round(alert.updated_at)}`,
      alt: `track: ${alert.text}`, loading: "lazy" });
    picture.addEventListener("error", () => picture.remove());
    item.append(picture);
  }
  item.append(element("p", { class: "why" }, `because ${alert.clause}`),
    element("p", { class: "do" },
      element("button", { type: "button", onclick: () => look(alert) }, "show on the map"),
      element("a", { href: `#alert=${encodeURIComponent(alert.id)}` }, "link")));
  return item;
}

function draw() {
  const alerts = [...store.alerts.values()].sort(order).slice(0, 100);
  list.replaceChildren(...alerts.map(card));
  document.getElementById("no-alerts").hidden = alerts.length > 0;
  const opened = alerts.filter((alert) => alert.state !== "ended");
  document.getElementById("alert-count").textContent = opened.length ? String(opened.length) : "";
  const first = opened.find((alert) => !dismissed.has(alert.id) && alert.severity !== "info");
  banner.hidden = !first;
  if (first) {
    banner.dataset.id = first.id;
    banner.className = first.severity;
    open.textContent = first.text;
  }
}

export function makeAlerts(openTab) {
  on("alerts", draw);
  open.addEventListener("click", () => {
    openTab("alerts");
    look(store.alerts.get(banner.dataset.id));
  });
  document.getElementById("banner-close").addEventListener("click", () => {
    dismissed.add(banner.dataset.id);
    draw();
  });
}

export function showAlert(id) {
  const alert = store.alerts.get(id);
  if (alert) look(alert);
  document.getElementById(`alert-${id}`)?.scrollIntoView({ block: "nearest" });
}
