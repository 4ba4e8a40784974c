// The slider: the last hours again. All the way to the right is now.

import { clock } from "./format.js";
import { store, takePast, tell } from "./store.js";

const slider = document.getElementById("slider");
const output = document.getElementById("slider-time");
const live = document.getElementById("live");
const play = document.getElementById("play");
let range = [0, 0];
let timer = null;
let asked = 0;

async function refreshRange() {
  const response = await fetch("api/playback");
  if (!response.ok) return;
  range = await response.json();
  slider.max = Math.max(0, Math.floor(range[1] - range[0]));
  if (store.live) slider.value = slider.max;
  slider.disabled = slider.max === "0";
}

async function showAt(seconds) {
  const mine = ++asked;
  output.textContent = clock(seconds);
  const response = await fetch(`api/playback?at=${Math.round(seconds)}`);
  if (!response.ok || mine !== asked || store.live) return;
  takePast(await response.json());
}

function goPast() {
  store.live = false;
  live.disabled = false;
  document.body.classList.add("past");
  showAt(range[0] + Number(slider.value));
}

function goLive() {
  stop();
  asked++;
  slider.value = slider.max;
  output.textContent = "live";
  live.disabled = true;
  document.body.classList.remove("past");
  store.live = true;
  store.aircraft.clear();
  tell("air");
}

function stop() {
  clearInterval(timer);
  timer = null;
  play.textContent = "▶";
  play.setAttribute("aria-label", "play");
}

function toggle() {
  if (timer) { stop(); return; }
  if (store.live) slider.value = 0;
  play.textContent = "❚❚";
  play.setAttribute("aria-label", "pause");
  goPast();
  timer = setInterval(() => {
    const next = Number(slider.value) + 10; // ten seconds of signal, five times a second
    if (next >= Number(slider.max)) { goLive(); return; }
    slider.value = next;
    showAt(range[0] + next);
  }, 200);
}

export function makePlayback() {
  slider.addEventListener("input", () => { stop(); goPast(); });
  live.addEventListener("click", goLive);
  play.addEventListener("click", toggle);
  refreshRange();
  setInterval(refreshRange, 15_000);
  return toggle;
}
