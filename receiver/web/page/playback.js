// The slider: the last hours again. All the way to the right is now.

import { t } from "./lang.js";
import { choose, option } from "./options.js";
import { on, store, takePast, takePresent } from "./store.js";
import { clock, date } from "./units.js";

const TICK_MS = 200;
const HAND_S = 10; // a step by key or button
const slider = document.getElementById("slider");
const output = document.getElementById("slider-time");
const live = document.getElementById("live");
const play = document.getElementById("play");
const day = document.getElementById("day");
const rate = document.getElementById("rate");
const sign = document.getElementById("past-sign");
const WINDOW_S = 86_400; // most that the slider spans: a second must stay a step that a hand can make
let known = [0, 0]; // what can be shown
let range = [0, 0]; // what the slider spans
let at = 0; // the moment that is shown, from the slider's beginning: finer than the slider's steps
let timer = null;
let asked = 0;
let waiting = false;

const inThePast = () => document.body.classList.contains("past");

async function refreshRange() {
  const response = await fetch("api/playback").catch(() => null);
  if (!response?.ok) return;
  known = await response.json();
  if (!inThePast()) span(known[1]);
  day.hidden = known[1] - known[0] < WINDOW_S;
  day.min = new Date(known[0] * 1000).toISOString().slice(0, 10);
  day.max = new Date(known[1] * 1000).toISOString().slice(0, 10);
  slider.disabled = play.disabled = Number(slider.max) < 1;
}

/** Let the slider span the day up to a moment, as far as it is known; what is shown stays shown. */
function span(end) {
  const moment = inThePast() ? range[0] + at : Infinity;
  end = Math.min(end, known[1]);
  range = [Math.max(known[0], end - WINDOW_S), end];
  slider.max = Math.max(0, Math.floor(range[1] - range[0]));
  put(moment - range[0]);
  day.value = new Date(range[1] * 1000).toISOString().slice(0, 10);
}

function put(seconds) {
  at = Math.max(0, Math.min(Number(slider.max), seconds));
  slider.value = at;
}

async function showAt(seconds) {
  const mine = ++asked;
  const words = `${date(seconds)} ${clock(seconds)}`;
  output.textContent = words;
  sign.hidden = false;
  sign.children[1].textContent = words;
  slider.setAttribute("aria-valuetext", words);
  waiting = true;
  const hex = store.selected ? `&hex=${encodeURIComponent(store.selected)}` : "";
  const response = await fetch(`api/playback?at=${Math.round(seconds)}${hex}`).catch(() => null);
  if (mine !== asked) return;
  waiting = false;
  if (!response?.ok) { output.textContent = `${words}: ${t("nothing stored")}`; return; }
  const picture = await response.json();
  if (mine === asked) takePast(picture);
}

function goPast() {
  live.disabled = false;
  document.body.classList.add("past");
  showAt(range[0] + at);
}

function goLive() {
  stop();
  asked++;
  waiting = false;
  output.textContent = t("live");
  slider.setAttribute("aria-valuetext", t("live"));
  live.disabled = true;
  sign.hidden = true;
  document.body.classList.remove("past");
  takePresent();
  span(known[1]);
  put(Infinity);
}

function stop() {
  clearInterval(timer);
  timer = null;
  play.textContent = "▶";
  play.setAttribute("aria-label", t("play"));
}

function start() {
  play.textContent = "❚❚";
  play.setAttribute("aria-label", t("pause"));
  goPast();
  let before = Math.round(at);
  timer = setInterval(() => {
    if (waiting) return; // a slow answer slows the replay down, and is not overtaken
    const next = at + (Number(option("rate")) * TICK_MS) / 1000;
    if (next >= Number(slider.max)) { if (range[1] >= known[1]) goLive(); else span(range[1] + WINDOW_S / 2); return; }
    put(next);
    if (Math.round(next) === before) return; // slower than a second a tick
    before = Math.round(next);
    showAt(range[0] + next);
  }, TICK_MS);
}

function toggle() {
  if (timer) { stop(); return; }
  if (play.disabled) return;
  if (!inThePast()) put(0);
  start();
}

/** A step by hand; from the present it leads into the past. */
export function step(direction) {
  if (play.disabled) return;
  stop();
  if (!inThePast() && direction > 0) return;
  if (!inThePast()) put(Infinity);
  put(at + direction * HAND_S);
  if (at >= Number(slider.max) && range[1] >= known[1] && direction > 0) goLive(); else goPast();
}

/** Replay from a moment on, or from the first that is known after it. */
export async function replayFrom(seconds) {
  await refreshRange();
  if (play.disabled) return;
  stop();
  if (seconds < range[0] || seconds > range[1]) span(seconds + WINDOW_S / 2);
  put(Math.min(Math.max(0, Math.floor(seconds - range[0])), Math.max(0, Number(slider.max) - 1)));
  start();
}

export function makePlayback() {
  slider.addEventListener("input", () => {
    stop();
    at = Number(slider.value);
    if (at >= Number(slider.max) && range[1] >= known[1]) goLive(); else goPast();
  });
  day.addEventListener("change", () => {
    const begin = Date.parse(`${day.value}T00:00:00Z`) / 1000;
    if (!Number.isFinite(begin)) return;
    stop();
    span(begin + WINDOW_S);
    put(begin - range[0]);
    goPast();
  });
  rate.value = option("rate");
  rate.addEventListener("change", () => choose("rate", rate.value));
  live.addEventListener("click", goLive);
  play.addEventListener("click", toggle);
  document.getElementById("step-back").addEventListener("click", () => step(-1));
  document.getElementById("step-on").addEventListener("click", () => step(1));
  on("selection", (hex) => { if (hex && !store.live && !timer) showAt(range[0] + at); });
  on("station", refreshRange);
  on("options", (name) => {
    if (name === "rate") rate.value = option("rate");
    if (name === "time" && inThePast()) showAt(range[0] + at);
  });
  setInterval(refreshRange, 15_000);
  return toggle;
}
