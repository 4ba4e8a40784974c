// What the page knows: aircraft now, their trails, alerts, the receiver's health. Fed by the server, read by the views.

export const store = {
  now: 0,
  live: true, // false while the slider shows the past
  station: {},
  aircraft: new Map(), // hex -> aircraft.json object
  trails: new Map(), // hex -> [[t, lat, lon, altitude or null], …]
  alerts: new Map(), // id -> alert
  health: { columns: [], hour: [], day: [] },
  selected: null,
};

const listeners = new Map();
const TRAIL_POINTS = 2000;

/** Call `listener` whenever `topic` ("air", "alerts", "health", "selection", "station", "filter") has changed. */
export function on(topic, listener) {
  if (!listeners.has(topic)) listeners.set(topic, []);
  listeners.get(topic).push(listener);
}

export function tell(topic, value) {
  for (const listener of listeners.get(topic) ?? []) listener(value);
}

export function select(hex) {
  if (store.selected === hex) return;
  store.selected = hex;
  tell("selection", hex);
}

function extend(aircraft) {
  if (aircraft.lat === undefined) return;
  let trail = store.trails.get(aircraft.hex);
  if (!trail) store.trails.set(aircraft.hex, (trail = []));
  const at = store.now - (aircraft.seen_pos ?? 0);
  const last = trail.at(-1);
  const altitude = aircraft.alt_baro === "ground" ? 0 : (aircraft.alt_baro ?? aircraft.alt_geom ?? null);
  if (last && (at - last[0] < 2 || (last[1] === aircraft.lat && last[2] === aircraft.lon))) return;
  trail.push([at, aircraft.lat, aircraft.lon, altitude]);
  if (trail.length > TRAIL_POINTS) trail.splice(0, trail.length - TRAIL_POINTS);
}

/** Take one "air" message of the server. */
export function takeAir(message) {
  if (!store.live) return;
  store.now = message.now;
  if (message.full) {
    store.aircraft.clear();
    if (message.trails) store.trails = new Map(Object.entries(message.trails));
  }
  for (const aircraft of message.aircraft) {
    store.aircraft.set(aircraft.hex, aircraft);
    extend(aircraft);
  }
  for (const hex of message.gone) {
    store.aircraft.delete(hex);
    if (store.selected !== hex) store.trails.delete(hex);
  }
  tell("air");
}

/** Show a picture of the past: `{now, aircraft, trails}`. */
export function takePast(picture) {
  store.now = picture.now;
  store.aircraft = new Map(picture.aircraft.map((aircraft) => [aircraft.hex, aircraft]));
  store.trails = new Map(Object.entries(picture.trails));
  tell("air");
}

export function takeAlert(alert) {
  store.alerts.set(alert.id, alert);
  tell("alerts", alert);
}

export function takeHealth(row) {
  store.health.hour.push(row);
  if (store.health.hour.length > 360) store.health.hour.shift();
  const last = store.health.day.at(-1);
  if (!last || row[0] - last[0] >= 300) store.health.day.push(row);
  tell("health");
}
