// The server's events, and what the page shows of the connection.

import { clock } from "./format.js";
import { on, store, takeAir, takeAlert, takeHealth, tell } from "./store.js";

const status = document.getElementById("connection");
let state = "connecting";

function say(next, text) {
  state = next;
  status.dataset.state = next;
  if (status.textContent !== text) status.textContent = text;
  document.body.classList.toggle("lost", next === "lost");
}

export function follow() {
  const source = new EventSource("api/stream");
  source.addEventListener("open", () => say("live", "live"));
  source.addEventListener("error", () => {
    say("lost", "no connection, trying again");
    if (source.readyState !== EventSource.CLOSED) return; // else it tries again by itself
    setTimeout(follow, 5000);
  });
  source.addEventListener("hello", (event) => {
    const hello = JSON.parse(event.data);
    store.station = hello.station;
    store.health = hello.health;
    store.alerts = new Map(hello.alerts.map((alert) => [alert.id, alert]));
    tell("station");
    tell("alerts");
    tell("health");
  });
  source.addEventListener("air", (event) => takeAir(JSON.parse(event.data)));
  source.addEventListener("alert", (event) => takeAlert(JSON.parse(event.data)));
  source.addEventListener("health", (event) => takeHealth(JSON.parse(event.data)));
}

on("air", () => { if (state === "live" && store.live) say("live", `live ${clock(store.now)}`); });
