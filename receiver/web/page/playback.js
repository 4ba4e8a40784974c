// The slider: the last hours again. All the way to the right is now.

import { clock, date } from "./format.js";
import { on, store, takePast, takePresent } from "./store.js";

const STEP_S = 10; // of signal, five times a second
const slider = document.getElementById("slider");
const output = document.getElementById("slider-time");
const live = document.getElementById("live");
const play = document.getElementById("play");
let range = [0, 0];
let timer = null;
let asked = 0;
let waiting = false;

async function refreshRange() {
  const response = await fetch("api/playback").catch(() => null);
  if (!response?.ok) return;
  const at = range[0] + Number(slider.value);
  range = await response.json();
  slider.max = Math.max(0, Math.floor(range[1] - range[0]));
  slider.value = store.live ? slider.max : Math.max(0, at - range[0]); // what is shown stays shown
  slider.disabled = play.disabled = Number(slider.max) < 1;
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
    if (next >= Number(slider.max)) { goLive(); return; }
    slider.value = next;
    showAt(range[0] + next);
  }, 200);
}

function toggle() {
  if (timer) { stop(); return; }
  if (play.disabled) return;
  if (document.body.classList.contains("past")) { start(); return; }
  slider.value = 0;
  start();
}

/** Replay from a moment on, or from the first that is known after it. */
export async function replayFrom(seconds) {
  await refreshRange();
  if (play.disabled) return;
  stop();
  slider.value = Math.min(Math.max(0, Math.floor(seconds - range[0])), Math.max(0, Number(slider.max) - 1));
  start();
}

export function makePlayback() {
  slider.addEventListener("input", () => {
    stop();
    if (Number(slider.value) >= Number(slider.max)) goLive(); else goPast();
  });
  live.addEventListener("click", goLive);
  play.addEventListener("click", toggle);
  on("selection", (hex) => { if (hex && !store.live && !timer) showAt(range[0] + Number(slider.value)); });
  on("station", refreshRange);
  setInterval(refreshRange, 15_000);
  return toggle;
}
