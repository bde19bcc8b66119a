// Keeps the page up to date: follows the stream, fetches the page again when something is new, and tells the rest of the page so.
import { choices, choose, keep, nameOf } from "./focus.js";
import { LOST_MS } from "./line.js";
import "./newest.js";
import { asked, oneByOne } from "./patience.js";
import { follow } from "./stream.js";

const LEAST_INTERVAL_MS = 700, STALE_MS = 15_000;
const clocks = { sky: null, machine: null }, said = new Map();
let heardAt = performance.now();
let newest = Number(document.body.dataset.seq), unshownAt = null; // the newest entry that was heard, and since when one waits to be shown

function setClock(name, instant, rate) {
  clocks[name] = { at: Date.parse(instant), since: heardAt, rate };
}

function now(name) {
  const clock = clocks[name];
  return clock && clock.at + (performance.now() - clock.since) * clock.rate;
}

function span(seconds) {
  for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"]]) {
    if (seconds >= size) return `${(seconds / size).toFixed(seconds >= 10 * size ? 0 : 1)} ${unit}`;
  }
  return `${seconds.toFixed(0)} s`;
}

function tick() {
  for (const time of document.querySelectorAll("time[data-clock]")) {
    const at = now(time.dataset.clock);
    if (at == null) continue;
    const seconds = (at - Date.parse(time.dateTime)) / 1000;
    const text = seconds >= 0 ? `${span(seconds)} ago` : `in ${span(-seconds)}`;
    if (time.textContent !== text) time.textContent = text;
  }
  const sky = now("sky");
  if (sky != null) {
    document.getElementById("sky-clock").textContent = new Date(sky).toISOString().slice(0, 19).replace("T", " ");
    document.getElementById("sky-mjd").textContent = (sky / 86_400_000 + 40587).toFixed(5);
  }
  const silent = performance.now() - heardAt, live = document.getElementById("live");
  live.classList.toggle("stale", silent > STALE_MS && silent <= LOST_MS);
  live.classList.toggle("lost", silent > LOST_MS);
  document.body.classList.toggle("lost", silent > LOST_MS);
  const behind = unshownAt != null && performance.now() - unshownAt > STALE_MS;
  document.body.classList.toggle("behind", behind);
  document.getElementById("behind").hidden = !behind;
}

// The page again; null while it cannot be had.
function fetched(path) {
  return asked(path, { headers: { Accept: "text/html" } }, async (answer) => {
    if (answer.redirected && new URL(answer.url).pathname === "/sign-in") location.assign(answer.url); // the session has ended
    else if (answer.ok) return await answer.text();
    return null;
  });
}

// One page at a time, at most every 700 ms; all panels come from the same answer, so they cannot contradict each other.
const renew = oneByOne(async () => {
  const html = await fetched(location.pathname + location.search); // nothing: when the stream is back it asks again
  if (html != null) take(html);
}, LEAST_INTERVAL_MS);

function refresh() {
  if ("once" in document.body.dataset) document.dispatchEvent(new Event("armillary:page")); // what is dear to work out is asked for by people alone
  else renew();
}

// What a panel says, but for ages and for when it was said.
const saying = (panel) => panel.outerHTML.replace(/(<time\b[^>]*>)[^<]*/g, "$1").replace(/<p class="as-of">.*?<\/p>/gs, "");

// Whether a panel says what it said before; then only when it was said is written anew, for a long table is dear to lay out.
function same(panel, old) {
  const says = saying(panel), known = said.get(panel.id) === says, lines = [...panel.querySelectorAll(".as-of")], before = [...old.querySelectorAll(".as-of")];
  said.set(panel.id, says);
  if (!known || lines.length !== before.length) return false;
  lines.forEach((line, i) => {
    const focus = before[i].contains(document.activeElement) ? nameOf(document.activeElement) : null;
    before[i].replaceWith(document.adoptNode(line));
    if (focus) keep(line, focus);
  });
  return true;
}

export function take(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const panel of fresh.querySelectorAll("[data-panel]")) {
    const old = document.getElementById(panel.id);
    if (!old || same(panel, old)) continue;
    const open = [...old.querySelectorAll("details[open]")].map((d) => d.dataset.detail), chosen = choices(old), { scrollTop } = old;
    const mine = document.adoptNode(panel), here = document.activeElement === old;
    const focus = !here && old.contains(document.activeElement) ? nameOf(document.activeElement) : null;
    for (const detail of mine.querySelectorAll("details")) detail.open = open.includes(detail.dataset.detail);
    old.replaceWith(mine);
    mine.scrollTop = scrollTop;
    choose(mine, chosen);
    if (here) mine.focus({ preventScroll: true });
    if (focus) keep(mine, focus);
  }
  document.title = fresh.title;
  const before = Number(document.body.dataset.seq), now = Number(fresh.body.dataset.seq);
  document.body.dataset.seq = fresh.body.dataset.seq;
  if (now >= newest) unshownAt = null;
  else if (now > before) unshownAt = performance.now(); // behind, but it goes on; one that stands still is told of in the end
  tick();
  document.dispatchEvent(new Event("armillary:page"));
}

// What the stream says: entries, the clocks with their age, and of itself that it is open or away.
function heard({ topic, data, age_ms = 0, ...entry }) {
  if (topic === "away") { refresh(); return; } // who is no longer signed in is told so
  heardAt = performance.now() - age_ms;
  if (topic === "clock") {
    setClock("sky", data.sky_time, data.sky_rate);
    setClock("machine", data.machine_time, data.machine_rate);
    tick();
    return;
  }
  if (entry.seq > newest) {
    newest = entry.seq;
    unshownAt ??= performance.now();
  }
  if (topic !== "open") document.dispatchEvent(new CustomEvent("armillary:news", { detail: { topic, ...entry, data } }));
  refresh();
}

setInterval(tick, 1000);
if (document.body.dataset.everyS) setInterval(refresh, 1000 * Number(document.body.dataset.everyS)); // of files nobody tells
follow(Number(document.body.dataset.seq), heard);
