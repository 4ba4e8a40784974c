// The base map: vector tiles of the package's own archive, and over it a region that the owner has fetched; or online
// tiles, where the owner offers some and the reader has chosen them.

import { element } from "../format.js";
import { option } from "../options.js";
import { on, store } from "../store.js";
import { colours } from "./colours.js";
import { labelRules, paintRules } from "./style.js";
import { L, map } from "./surface.js";
import protomaps from "../leaflet/protomaps-leaflet.js";

let layer = null;
let shown = null; // what it was made of

/** Make the layer that the station and the reader's choice ask for, unless it is there already. */
export function drawBase() {
  const { maps, tiles } = store.station;
  if (!maps && !tiles) return;
  const online = tiles && (option("background") === "online" || !maps?.base);
  const wanted = JSON.stringify([online, maps, tiles, colours.land, option("background")]);
  if (wanted === shown) return;
  shown = wanted;
  const before = layer;
  layer = online ? onlineLayer(tiles) : option("background") === "none" ? null : ownLayer(maps);
  layer?.addTo(map);
  if (before) setTimeout(() => before.remove(), layer ? 250 : 0); // no blank map between dark and light
}

function onlineLayer(tiles) {
  return L.tileLayer(tiles.url, { attribution: textMarkup(tiles.attribution), maxZoom: 18, pane: "base" });
}

function ownLayer(maps) {
  return protomaps.leafletLayer({
    sources: archives(maps), paintRules: paintRules(Boolean(maps.region)), labelRules: labelRules(Boolean(maps.region)),
    backgroundColor: colours.water, pane: "base", attribution: credit(maps), maxZoom: 18, noWrap: false, keepBuffer: 1,
  });
}

function archives(maps) {
  return Object.fromEntries(Object.entries(maps).map(([name, { address, max_zoom }]) =>
    [name, { url: new URL(address, document.baseURI).href, maxDataZoom: max_zoom }]));
}

function credit(maps) {
  const own = "Natural Earth, GSHHG, OurAirports, GeoNames (CC BY 4.0), © OpenStreetMap";
  return textMarkup(maps.region ? `${own}, Protomaps` : own);
}

/** Text as markup that shows just this text: Leaflet takes its attribution as HTML. */
function textMarkup(text) {
  return element("span", {}, text ?? "").innerHTML;
}

export function watchBase() {
  on("station", drawBase);
  on("options", drawBase);
}

/** How many tiles are drawn, and whether all of them are: for the page's own checks. */
export const baseState = () => ({ tiles: document.querySelectorAll("#map canvas.leaflet-tile-loaded").length, loading: layer?.isLoading?.() ?? true });
