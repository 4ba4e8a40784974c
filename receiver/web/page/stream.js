// The server's events, and what the page shows of the connection and of the radio behind it.

import { duration } from "./format.js";
import { t } from "./lang.js";
import { Link } from "./link.js";
import { drift, on, store, takeAir, takeAlert, takeHealth, takeHello, tell } from "./store.js";
import { clock } from "./units.js";

const status = document.getElementById("connection");
const SILENCE_MS = 4500; // the worker says something twice as often, also when the server does not
const RESTART_MS = 10_000;
let state = "connecting";
let heard = Date.now(); // when anything came
let lostSince = null;
let radio = null; // what is wrong with the radio
let joining = null; // events that came while everything before them is being asked for

/** Show a state in words, and beside it a time that goes on and is not read out. */
function say(next, text, time = "") {
  state = next;
  status.dataset.state = next;
  [text, time].forEach((words, index) => { if (status.children[index].textContent !== words) status.children[index].textContent = words; });
  document.body.classList.toggle("lost", next === "lost");
  document.body.classList.toggle("silent", next === "silent");
}

const states = {
  absent: "no receiver found", busy: "another program holds the receiver", denied: "the receiver may not be opened",
  error: "the receiver fails", stalled: "the receiver hangs", crashed: "the receiver's driver crashed", closed: "the receiver is closed",
  starting: "the receiver is starting",
};

function show() {
  if (state === "lost") return;
  if (radio) {
    const why = states[radio.state] ?? "nothing comes from the receiver";
    say("silent", `${t(radio.heard ? "no signal" : "no signal yet")}: ${t(why)}`, duration(radio.silent_s));
    status.title = radio.text ?? "";
  } else {
    say("live", t("live"), store.live && store.now ? clock(store.now) : "");
    status.title = "";
  }
}

function lose() {
  if (lostSince === null) {
    lostSince = Date.now();
    tell("connection", false);
  }
  say("lost", t("no connection, trying again"), duration((Date.now() - lostSince) / 1000));
}

function find() {
  heard = Date.now();
  if (lostSince !== null || state === "connecting") {
    lostSince = null;
    state = "live";
    tell("connection", true);
  }
}

function take(name, data, number) {
  find();
  if (joining && name === "hello") joining = null; // everything comes this way, too
  if (joining) { joining.push([name, data, number]); return; }
  const message = JSON.parse(data);
  if (name === "hello") takeHello(message);
  else if (name === "alert") takeAlert(message);
  else if (name === "health") takeHealth(message);
  else {
    radio = message.radio ?? null;
    if (name === "air") takeAir(message);
  }
  show();
}

/** Ask for everything that the stream has told before this page joined it. */
async function catchUp() {
  const mine = (joining = []);
  const response = await fetch("api/now").catch(() => null);
  const now = response?.ok ? await response.json().catch(() => null) : null;
  if (joining !== mine) return;
  if (!now) { setTimeout(() => { if (joining === mine) catchUp(); }, 2000); return; }
  joining = null;
  takeHello(now.hello);
  takeAir(now.air);
  for (const [name, data, number] of mine) if (number > now.number) take(name, data, number);
}

function followShared() {
  const worker = new SharedWorker(new URL("./shared.js", import.meta.url), { type: "module", name: "squitter" });
  const { port } = worker;
  let alive = true;
  let failed = false;
  worker.addEventListener("error", () => { failed = true; });
  port.addEventListener("message", ({ data }) => {
    if (!alive) return;
    if (data.lost) { heard = Date.now(); lose(); }
    else if (data.running) { find(); catchUp(); }
    else if (data.name) take(data.name, data.data, data.number);
    else heard = Date.now();
  });
  port.start();
  port.postMessage("join");
  const leave = () => { alive = false; port.postMessage("leave"); };
  return { leave, failed: () => failed };
}

function followAlone() {
  const link = new Link(take, (open) => { heard = Date.now(); if (!open) lose(); });
  link.start();
  // a page that nobody sees keeps no connection: a browser has six to a server
  let hiding = null;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(() => link.stop(), 10_000);
    else link.start();
  });
}

export function follow() {
  let shared = "SharedWorker" in window ? followShared() : null;
  if (!shared) followAlone();
  let begun = Date.now();
  let vain = 0;
  addEventListener("pagehide", () => shared?.leave());
  addEventListener("pageshow", (event) => { if (event.persisted && shared) { shared = followShared(); begun = Date.now(); } });
  setInterval(() => {
    if (lostSince !== null) drift(1); // ages go on growing
    if (!shared) return;
    if (Date.now() - heard > SILENCE_MS) lose();
    if (!shared.failed() && Date.now() - Math.max(heard, begun) < RESTART_MS) return;
    shared.leave(); // the worker itself has died
    begun = Date.now();
    vain += 1;
    if (vain < 3 && !shared.failed()) shared = followShared();
    else { shared = null; followAlone(); }
  }, 1000);
}

on("air", show);
