// The slider: the last hours again. All the way to the right is now.

import { clock, date } from "./format.js";
import { on, store, takePast, takePresent } from "./store.js";

const STEP_S = 10; // of signal, five times a second
const slider = document.getElementById("slider");
const output = document.getElementById("slider-time");
const live = document.getElementById("live");
const play = document.getElementById("play");
const day = document.getElementById("day");
const WINDOW_S = 86_400; // most that the slider spans: a second must stay a step that a hand can make
let known = [0, 0]; // what can be shown
let range = [0, 0]; // what the slider spans
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
  day.min = date(known[0]);
  day.max = date(known[1]);
  slider.disabled = play.disabled = Number(slider.max) < 1;
}

/** Let the slider span the day up to a moment, as far as it is known; what is shown stays shown. */
function span(end) {
  const at = inThePast() ? range[0] + Number(slider.value) : Infinity;
  end = Math.min(end, known[1]);
  range = [Math.max(known[0], end - WINDOW_S), end];
  slider.max = Math.max(0, Math.floor(range[1] - range[0]));
  slider.value = Math.max(0, Math.min(Number(slider.max), at - range[0]));
  day.value = date(range[1]);
}

async function showAt(seconds) {
  const mine = ++asked;
  const words = `${date(seconds)} ${clock(seconds)}`;
  output.textContent = words;
  slider.setAttribute("aria-valuetext", words);
  waiting = true;
  const hex = store.selected ? `&hex=${encodeURIComponent(store.selected)}` : "";
  const response = await fetch(`api/playback?at=${Math.round(seconds)}${hex}`).catch(() => null);
  if (mine !== asked) return;
  waiting = false;
  if (!response?.ok) { output.textContent = `${words}: nothing stored`; return; }
  const picture = await response.json();
  if (mine === asked) takePast(picture);
}

function goPast() {
  live.disabled = false;
  document.body.classList.add("past");
  showAt(range[0] + Number(slider.value));
}

function goLive() {
  stop();
  asked++;
  waiting = false;
  slider.value = slider.max;
  output.textContent = "live";
  slider.setAttribute("aria-valuetext", "live");
  live.disabled = true;
  document.body.classList.remove("past");
  takePresent();
  span(known[1]);
  slider.value = slider.max;
}

function stop() {
  clearInterval(timer);
  timer = null;
  play.textContent = "▶";
  play.setAttribute("aria-label", "play");
}

function start() {
  play.textContent = "❚❚";
  play.setAttribute("aria-label", "pause");
  goPast();
  timer = setInterval(() => {
    if (waiting) return; // a slow answer slows the replay down, and is not overtaken
    const next = Number(slider.value) + STEP_S;
    if (next >= Number(slider.max)) { if (range[1] >= known[1]) goLive(); else span(range[1] + WINDOW_S / 2); return; }
    slider.value = next;
    showAt(range[0] + next);
  }, 200);
}

function toggle() {
  if (timer) { stop(); return; }
  if (play.disabled) return;
  if (inThePast()) { start(); return; }
  slider.value = 0;
  start();
}

/** Replay from a moment on, or from the first that is known after it. */
export async function replayFrom(seconds) {
  await refreshRange();
  if (play.disabled) return;
  stop();
  if (seconds < range[0] || seconds > range[1]) span(seconds + WINDOW_S / 2);
  slider.value = Math.min(Math.max(0, Math.floor(seconds - range[0])), Math.max(0, Number(slider.max) - 1));
  start();
}

export function makePlayback() {
  slider.addEventListener("input", () => {
    stop();
    if (Number(slider.value) >= Number(slider.max) && range[1] >= known[1]) goLive(); else goPast();
  });
  day.addEventListener("change", () => {
    const begin = Date.parse(`${day.value}T00:00:00Z`) / 1000;
    if (!Number.isFinite(begin)) return;
    stop();
    span(begin + WINDOW_S);
    slider.value = Math.max(0, begin - range[0]);
    goPast();
  });
  live.addEventListener("click", goLive);
  play.addEventListener("click", toggle);
  on("selection", (hex) => { if (hex && !store.live && !timer) showAt(range[0] + Number(slider.value)); });
  on("station", refreshRange);
  setInterval(refreshRange, 15_000);
  return toggle;
}
