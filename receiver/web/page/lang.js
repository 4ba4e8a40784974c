// Words in the reader's language. The page is written in English; a file of lang/ has the same words in another one.

import { option } from "./options.js";

const LANGUAGES = ["en", "es"]; // another one: a file beside lang/es.json, and its name here
const ATTRIBUTES = ["aria-label", "title", "placeholder", "alt"];

const wanted = option("lang") !== "auto" ? [option("lang")] : navigator.languages ?? [navigator.language];
export const language = wanted.map((tag) => String(tag).slice(0, 2)).find((tag) => LANGUAGES.includes(tag)) ?? "en";
const words = language === "en" ? {} : await load(language);

async function load(name) {
  const response = await fetch(new URL(`./lang/${name}.json`, import.meta.url)).catch(() => null);
  return response?.ok ? response.json() : {};
}

/** The words in the reader's language; {names} in braces are replaced by values. */
export function t(text, values = {}) {
  const said = Object.hasOwn(words, text) ? words[text] : text;
  return said.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Translate what the page consists of before anything is put into it. */
export function translatePage() {
  document.documentElement.lang = language;
  if (language === "en") return;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const text = node.data.trim();
    if (text && Object.hasOwn(words, text)) node.data = node.data.replace(text, words[text]);
  }
  for (const name of ATTRIBUTES) {
    for (const node of document.querySelectorAll(`[${name}]`)) node.setAttribute(name, t(node.getAttribute(name)));
  }
}
