"use strict";
// Data of the page, its parts that are loaded on demand, and the reader's choices, which the address stores for links.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => Array.from(root.querySelectorAll(selector));
const DATA = JSON.parse($("#data").textContent);
// MORE: variants that the samples and the losses show at first, and add at each press of the button. CHUNK: variants
// in a chunk of data. MOST: variants with samples and losses per data set.
const MORE = innerWidth > 640 ? 10 : 5, CHUNK = 10, MOST = 60;
const state = { d: "0", sort: "", q: "", runs: "", run: "", compare: "", all: "" };

// An address such as #d=1&sort=2-&q=wgan stores the choices; an address without "=" is the name of a section.
function readState() {
  const text = location.hash.slice(1);
  if (!text.includes("=")) return;
  const given = new URLSearchParams(text);
  for (const key of Object.keys(state)) state[key] = given.get(key) ?? (key === "d" ? "0" : "");
  if (!DATA.datasets[state.d]) state.d = "0";
}
function writeState(change) {
  Object.assign(state, change);
  const kept = Object.entries(state).filter(([key, value]) => value && !(key === "d" && value === "0"));
  history.replaceState(null, "", "#" + (kept.length ? new URLSearchParams(kept) : "main"));
}
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}
// A part of the data, from the page or from a file beside it. A script element loads the file, because a page opened
// from disk cannot fetch files.
const parts = new Map();
const waiting = new Map();
globalThis.ganBench = (name, content) => waiting.get(name)?.(content);
function part(name) {
  if (!parts.has(name)) {
    const inside = document.getElementById(`chunk-${name}`);
    parts.set(name, inside ? Promise.resolve(JSON.parse(inside.textContent)) : DATA.media ? load(name) : Promise.resolve(null));
  }
  return parts.get(name);
}
function load(name) {
  return new Promise((done) => {
    waiting.set(name, done);
    document.head.append(element("script", { src: `${DATA.media}/${name}.js`, onerror: () => done(null) }));
  });
}
// Call `draw` when an element comes near the window.
function whenSeen(target, draw) {
  const seen = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) { seen.disconnect(); draw(); }
  }, { rootMargin: "400px" });
  seen.observe(target);
}
const count = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;
// A value of a metric with the digits that its column has in the table of scores: decimals and at most four significant
// digits, or `significant` digits if the column has no decimals.
function digits(metric, value) {
  const whole = value ? Math.floor(Math.log10(Math.abs(value))) : 0;
  return metric.decimals == null ? String(Number(value.toPrecision(metric.significant))) : value.toFixed(Math.min(metric.decimals, Math.max(3 - whole, 0)));
}
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const dataset = () => DATA.datasets[state.d] ?? { cells: [], metrics: [] };
function save(name, content, type) {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
