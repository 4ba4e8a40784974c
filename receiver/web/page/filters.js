// Which aircraft the map and the table show.

import { altitude } from "./format.js";
import { isMilitary, isWatched } from "./format.js";
import { tell } from "./store.js";

const field = (id) => document.getElementById(id);
const filter = { text: "", military: false, watched: false, position: false, low: null, high: null };

export function shown(aircraft) {
  if (filter.military && !isMilitary(aircraft)) return false;
  if (filter.watched && !isWatched(aircraft)) return false;
  if (filter.position && aircraft.lat === undefined) return false;
  const feet = altitude(aircraft);
  if (filter.low !== null && !(feet >= filter.low)) return false;
  if (filter.high !== null && !(feet <= filter.high)) return false;
  if (!filter.text) return true;
  const words = [aircraft.hex, aircraft.flight, aircraft.r, aircraft.t, aircraft.desc, aircraft.ownOp, aircraft.squawk,
    aircraft.squitter?.country, aircraft.squitter?.place];
  return words.some((word) => word !== undefined && String(word).toLowerCase().includes(filter.text));
}

export function watchFilters() {
  const read = () => {
    filter.text = field("search").value.trim().toLowerCase();
    filter.military = field("only-military").checked;
    filter.watched = field("only-watched").checked;
    filter.position = field("only-position").checked;
    const limit = (id) => (field(id).value === "" ? null : Number(field(id).value));
    filter.low = limit("alt-min");
    filter.high = limit("alt-max");
    tell("filter");
  };
  field("filters").addEventListener("input", read);
  field("filters").addEventListener("submit", (event) => event.preventDefault());
  read();
}
