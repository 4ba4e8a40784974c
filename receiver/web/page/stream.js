// The server's events, and what the page shows of the connection.

import { store, takeAir, takeAlert, takeHealth, tell } from "./store.js";

const status = document.getElementById("connection");

function say(state, text) {
  status.dataset.state = state;
  status.textContent = text;
}

export function follow() {
  const source = new EventSource("api/stream");
  source.addEventListener("open", () => say("live", "live"));
  source.addEventListener("error", () => say("lost", "no connection, trying again"));
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
