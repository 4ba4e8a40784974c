// How the base map looks: what is painted in which order, and which names appear. The region's layers are those of
// Protomaps (version 4); the package's own have the same names where there is such a layer.

import { colours } from "./colours.js";
import protomaps from "../leaflet/protomaps-leaflet.js";

const { LineSymbolizer, PolygonSymbolizer, OffsetTextSymbolizer, CircleSymbolizer, GroupSymbolizer, CenteredTextSymbolizer, LineLabelSymbolizer, exp } = protomaps;
const POLYGON = 3;
const LINE = 2;

const kind = (...kinds) => (_, feature) => kinds.includes(feature.props.kind);
const fill = (dataSource, dataLayer, colour, filter, more = {}) =>
  ({ dataSource, dataLayer, filter, symbolizer: new PolygonSymbolizer({ fill: colour, ...more.symbol }), ...more.rule });
const line = (dataSource, dataLayer, color, width, filter, more = {}) =>
  ({ dataSource, dataLayer, filter, symbolizer: new LineSymbolizer({ color, width, lineJoin: "round", ...more.symbol }), ...more.rule });

/** A runway as wide as it is, when that can be seen. */
const runwayWidth = (zoom) => Math.max(1.5, 60 / (78271 / 2 ** zoom));

function ground(source) {
  return [
    fill(source, "earth", colours.land),
    fill(source, "water", colours.water, (_, f) => f.geomType === POLYGON, { symbol: { stroke: colours.coast, width: 0.6 } }),
    line(source, "water", colours.river, exp(1.4, [[4, 0.5], [8, 0.9], [14, 3]]), (_, f) => f.geomType === LINE && f.props.kind !== "stream"),
  ];
}

function borders(source) {
  return [
    line(source, "boundaries", colours["region-line"], 0.8, kind("region", "macroregion"), { symbol: { dash: [2, 3] } }),
    line(source, "boundaries", colours["border-line"], exp(1.2, [[3, 0.8], [10, 1.6]]), kind("country")),
  ];
}

function streets() {
  const road = (kinds, width, colour, minzoom) => line("region", "roads", colour, width, kind(...kinds), { rule: { minzoom }, symbol: { lineCap: "round" } });
  return [
    fill("region", "landuse", colours.green, kind("park", "forest", "wood", "nature_reserve", "national_park", "golf_course", "grass"), { symbol: { opacity: 0.6 } }),
    fill("region", "landuse", colours.town, kind("urban_area", "residential", "industrial", "commercial", "aerodrome"), { symbol: { opacity: 0.7 } }),
    ...ground("region").slice(1),
    fill("region", "buildings", colours.town, undefined, { rule: { minzoom: 14 } }),
    road(["path", "other"], 0.6, colours["road-minor"], 14),
    road(["minor_road"], exp(1.6, [[11, 0.4], [16, 5]]), colours["road-minor"], 11),
    road(["rail"], 0.8, colours["region-line"], 11),
    road(["major_road", "medium_road"], exp(1.6, [[7, 0.5], [16, 8]]), colours.road, 7),
    road(["highway"], exp(1.6, [[5, 0.7], [16, 10]]), colours.road, 5),
    line("region", "roads", colours.runway, runwayWidth, (_, f) => f.props.kind === "aeroway" && f.props.kind_detail === "runway"),
    ...borders("region"),
  ];
}

export function paintRules(hasRegion) {
  return [
    ...ground("base"),
    line("base", "earth", colours.coast, 1),
    ...(hasRegion ? streets() : []),
    ...borders("base"),
    line("base", "runways", colours.runway, runwayWidth, undefined, { rule: { minzoom: 9 }, symbol: { lineCap: "butt" } }),
  ];
}

const size = (zoom, people) => (people >= 1_000_000 ? 13.5 : people >= 100_000 ? 12 : 11) + (zoom >= 10 ? 1 : 0);
const name = (feature) => feature?.props ?? {};

function town(fillColour) {
  return new GroupSymbolizer([
    new CircleSymbolizer({ radius: (z, f) => (name(f).population >= 1_000_000 ? 2.4 : 1.7), fill: fillColour, stroke: colours.land, width: 1 }),
    new OffsetTextSymbolizer({ labelProps: ["name"], fill: fillColour, stroke: colours.land, width: 2.5, offsetX: 5, offsetY: 4,
      fontFamily: "system-ui, sans-serif", fontSize: (z, f) => size(z, name(f).population ?? 0),
      fontWeight: (z, f) => ((name(f).population ?? 0) >= 300_000 ? 600 : 400) }),
  ]);
}

const byPeople = (a, b) => (b.population ?? 0) - (a.population ?? 0);

export function labelRules(hasRegion) {
  const words = { fontFamily: "system-ui, sans-serif", stroke: colours.land, width: 2.5 };
  const rules = [
    { dataSource: "base", dataLayer: "places", sort: byPeople, filter: (z, f) => z >= f.props.min_zoom && f.props.population >= 100_000, symbolizer: town(colours["place-large"]) },
    { dataSource: "base", dataLayer: "airports", minzoom: 8, filter: (z, f) => z >= 11 || f.props.kind === "large" || (z >= 9 && f.props.kind === "medium"),
      sort: (a, b) => "large medium small".indexOf(a.kind) - "large medium small".indexOf(b.kind),
      symbolizer: new CenteredTextSymbolizer({ ...words, labelProps: (z, f) => (f?.props.iata ? ["iata"] : ["ident"]), fill: colours.airport, fontSize: 10.5, fontWeight: 600 }) },
    { dataSource: "base", dataLayer: "places", sort: byPeople, filter: (z, f) => z >= f.props.min_zoom && f.props.population < 100_000, symbolizer: town(colours.place) },
  ];
  if (!hasRegion) return rules;
  return [...rules,
    { dataSource: "region", dataLayer: "places", filter: kind("locality", "neighbourhood"), minzoom: 10, symbolizer: town(colours.place) },
    { dataSource: "region", dataLayer: "roads", minzoom: 13, filter: kind("highway", "major_road", "minor_road"),
      symbolizer: new LineLabelSymbolizer({ ...words, labelProps: ["name"], fill: colours.place, fontSize: 10.5 }) },
  ];
}
