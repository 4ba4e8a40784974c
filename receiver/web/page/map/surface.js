// The Leaflet map and what is drawn on: one for the page.

import "../leaflet/leaflet.js";

export const L = window.L;
export const map = L.map("map", { preferCanvas: true, worldCopyJump: true, minZoom: 2, maxZoom: 18, zoomSnap: 1, zoomControl: true }).setView([20, 0], 3);
map.attributionControl.setPrefix("Leaflet");
map.createPane("base").style.zIndex = 150;
map.createPane("day").style.zIndex = 155;
map.createPane("names").style.zIndex = 160;
export const canvas = L.canvas({ padding: 0.3 });
