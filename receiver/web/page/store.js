// What the page knows: aircraft now, their trails, alerts, the receiver's health. Fed by the server, read by the views.

// The present goes on while the slider shows the past.
const present = { now: 0, aircraft: new Map(), trails: new Map() };

export const store = {
  now: 0,
  live: true, // false while the slider shows the past
  station: {},
  aircraft: present.aircraft, // hex -> aircraft.json object, and `at`: when that was told
  trails: present.trails, // hex -> [[t, lat, lon, altitude or null, 1 after a gap], …]
  alerts: new Map(), // id -> alert
  health: { columns: [], hour: [], day: [] },
  selected: null,
  chosen: new Set(), // hexes that the reader has picked besides
  gone: new Map(), // trails of aircraft that have left, while they are to be kept
};

const listeners = new Map();
const TRAIL_POINTS = 2000;

/** Call `listener` whenever `topic` ("air", "alerts", "health", "selection", "details", "station", "filter", "options", "chosen",
 * "connection")
 * has changed. */
export function on(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, []);
  listeners.get(topic).push(listener);
}

export function tell(topic, value) {
  for (const listener of listeners.get(topic) ?? []) listener(value);
}

/** Select an aircraft, null for none; `details` says whether its details are to be opened, too. */
export function select(hex, details = true) {
  if (store.selected !== hex) {
    if (store.selected && !present.aircraft.has(store.selected)) present.trails.delete(store.selected); // it had left
    store.selected = hex;
    if (hex) fetchTrail(hex);
    tell("selection", hex);
  }
  if (hex && details) tell("details", hex);
}

export const isChosen = (hex) => store.chosen.has(hex);

/** Pick an aircraft besides the others, or let go of it. */
export function toggleChosen(hex) {
  if (store.chosen.delete(hex)) tell("chosen");
  else { store.chosen.add(hex); fetchTrail(hex); tell("chosen"); }
}

/** Have just these picked. */
export function setChosen(hexes) {
  store.chosen = new Set(hexes);
  for (const hex of hexes) fetchTrail(hex);
  tell("chosen");
}

/** An age that was told with an aircraft (`seen`, `seen_pos`), as it is now. */
export function age(aircraft, key) {
  const told = aircraft[key];
  return told === undefined ? undefined : told + Math.max(0, store.now - (aircraft.at ?? store.now));
}

function extend(aircraft) {
  if (aircraft.lat === undefined) return;
  let trail = present.trails.get(aircraft.hex);
  if (!trail) present.trails.set(aircraft.hex, (trail = []));
  const at = present.now - (aircraft.seen_pos ?? 0);
  const last = trail.at(-1);
  const altitude = aircraft.alt_baro === "ground" ? 0 : (aircraft.alt_baro ?? aircraft.alt_geom ?? null);
  if (last && (at - last[0] < 2 || (last[1] === aircraft.lat && last[2] === aircraft.lon))) return;
  trail.push([at, aircraft.lat, aircraft.lon, altitude]);
  if (trail.length > TRAIL_POINTS) trail.splice(0, trail.length - TRAIL_POINTS);
}

/** Everything that the server remembers of where one aircraft was. */
async function fetchTrail(hex) {
  const response = await fetch(`api/aircraft/${encodeURIComponent(hex)}/trail`).catch(() => null);
  if (!response?.ok) return;
  const told = await response.json();
  const since = told.length ? told.at(-1)[0] : 0;
  const newer = (present.trails.get(hex) ?? []).filter(([at]) => at > since + 1);
  if (!told.length && !newer.length) return;
  present.trails.set(hex, [...told, ...newer]);
  if (store.live) tell("air");
}

function show({ now, aircraft, trails }) {
  store.now = now;
  store.aircraft = aircraft;
  store.trails = trails;
  if (!document.hidden) tell("air"); // a tab in the background keeps up without drawing
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) tell("air"); });

// In a replay faster than real time most positions pass between two messages: the trails that are drawn whole are asked
// for instead, at most every two seconds.
const JUMP_S = 20;
let asking = null;
function afterJump() {
  const whole = (hex) => hex === store.selected || present.aircraft.get(hex)?.squitter?.watch?.length > 0;
  for (const [hex, trail] of present.trails) if (trail.length > 1 && !whole(hex)) present.trails.set(hex, trail.slice(-1));
  asking ??= setTimeout(() => {
    asking = null;
    for (const hex of [...present.aircraft.keys()].filter(whole).slice(0, 8)) fetchTrail(hex);
  }, 2000);
}

/** Take how everything is besides the air: station, health, alerts. */
export function takeHello(hello) {
  store.station = hello.station;
  store.health = hello.health;
  store.alerts = new Map(hello.alerts.map((alert) => [alert.id, alert]));
  tell("station");
  tell("alerts");
  tell("health");
}

/** Nothing comes: time goes on all the same, and with it every age. */
export function drift(seconds) {
  if (!present.now) return;
  present.now += seconds;
  if (store.live) show(present);
}

const GONE = 500; // most aircraft whose trails are kept after they have left
let keepsGone = () => false;

/** Say whether trails stay when their aircraft has left. */
export function keepTrails(whether) { keepsGone = whether; }

function remember(hex, trail) {
  store.gone.delete(hex);
  store.gone.set(hex, trail);
  if (store.gone.size > GONE) store.gone.delete(store.gone.keys().next().value);
}

/** Take one "air" message of the server: whole objects, or what has changed of them. */
export function takeAir(message) {
  const jumped = !message.full && Math.abs(message.now - present.now) > JUMP_S;
  present.now = message.now;
  if (message.full) {
    present.aircraft.clear();
    present.trails.clear();
    for (const [hex, trail] of Object.entries(message.trails ?? {})) present.trails.set(hex, trail);
    if (store.selected) fetchTrail(store.selected);
  }
  for (const { "-": lost, ...news } of message.aircraft) {
    const aircraft = { ...present.aircraft.get(news.hex), ...news, at: message.now };
    for (const key of lost ?? []) delete aircraft[key];
    present.aircraft.set(news.hex, aircraft);
    extend(aircraft);
  }
  for (const hex of message.gone) {
    present.aircraft.delete(hex);
    const trail = present.trails.get(hex);
    if (keepsGone() && trail?.length > 1) remember(hex, trail);
    if (store.selected !== hex && !store.chosen.has(hex)) present.trails.delete(hex);
  }
  if (jumped) afterJump();
  if (store.live) show(present);
}

/** Show a picture of the past: `{now, aircraft, trails}`. */
export function takePast(picture) {
  store.live = false;
  show({
    now: picture.now,
    aircraft: new Map(picture.aircraft.map((aircraft) => [aircraft.hex, aircraft])),
    trails: new Map(Object.entries(picture.trails)),
  });
}

/** Show the present again. */
export function takePresent() {
  store.live = true;
  show(present);
}

const ALERTS = 200; // as many as the server keeps
export function takeAlert(alert) {
  store.alerts.set(alert.id, alert);
  if (store.alerts.size > ALERTS) {
    const old = [...store.alerts.values()].find(({ state }) => state === "ended") ?? store.alerts.values().next().value;
    store.alerts.delete(old.id);
  }
  tell("alerts", alert);
}

export function takeHealth(row) {
  store.health.hour.push(row);
  if (store.health.hour.length > 360) store.health.hour.shift();
  const last = store.health.day.at(-1);
  if (!last || row[0] - last[0] >= 300) store.health.day.push(row);
  if (store.health.day.length > 288) store.health.day.shift();
  tell("health");
}
