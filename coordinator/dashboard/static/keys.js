// What the keyboard does on this page: `?` or the button tells it, `g` and a letter leads somewhere, `/` to a field to
// fill in. No key acts. Who speaks to the machine may turn the keys of one letter off.
import { keep, nameOf } from "./focus.js";
import { make } from "./sky/elements.js";

const OFF = "armillary-keys-off", PATIENCE_MS = 2000, FIELDS = "input:not([type='checkbox'], [type='range']), textarea, select";
const ROWS = [["j k ↓ ↑", "the next row, the one before"], ["Enter", "show the row on the sky"]];
const SKY = [
  ["← → ↑ ↓", "move; with Shift farther"], ["+ −", "nearer, wider"], ["0 9", "the region of the event, all sky"], ["n p", "the next field by start, the one before"],
  ["Enter", "to the row of what is chosen"], ["[ ]", "the revision before, after"], ["v", "the table of everything that is drawn"], ["Esc", "nothing is chosen"],
];
let awaited = 0, off = false;
try { off = localStorage.getItem(OFF) === "yes"; } catch { /* a browser that keeps nothing: they are on */ }

// Where `g` and a letter lead on this page: what carries the letter, with the words that stand there.
function ways() {
  const found = new Map();
  for (const way of document.querySelectorAll("[data-go]")) if (!found.has(way.dataset.go)) found.set(way.dataset.go, way);
  return found;
}

function go(way) {
  if (way.matches("a")) { way.click(); return; }
  const section = way.closest("section"), target = section.querySelector("tr[tabindex='0'], a, button, summary, [tabindex='0']");
  section.scrollIntoView({ block: "start" });
  target?.focus({ preventScroll: true });
}

const field = () => [...document.querySelectorAll(".filter[action='/log'] input, sky-view input[type='search']")].find((one) => one.offsetParent);
const keyed = (keys) => keys.split(" ").flatMap((key) => [make("kbd", {}, key), " "]);
const list = (title, rows) => [make("h3", {}, title), make("dl", { class: "facts" }, ...rows.flatMap(([keys, says]) => [make("dt", {}, ...keyed(keys)), make("dd", {}, says)]))];

function everywhere() {
  const led = [...ways()].map(([letter, way]) => [`g ${letter}`, (way.getAttribute("aria-label") ?? way.textContent).trim()]);
  return [["?", "this list"], ...led, ...(field() ? [["/", "to the field that filters"]] : []), ["Tab", "to the next thing that can be pressed; with Shift back"], ["Enter", "press it"], ["Esc", "close this list"]];
}

function tell() {
  const before = document.activeElement, panel = before?.closest("[data-panel]")?.id, name = panel && nameOf(before);
  const says = () => `Keys of one letter, and ?, are ${off ? "off" : "on"} in this browser`;
  const turn = make("button", { type: "button", class: "link", "aria-pressed": String(!off), onclick: () => {
    off = !off;
    try { localStorage.setItem(OFF, off ? "yes" : "no"); } catch { /* it holds for this page */ }
    turn.setAttribute("aria-pressed", String(!off));
    turn.textContent = says();
  } }, says());
  const dialog = make("dialog", { id: "keys", "aria-labelledby": "h-keys" },
    make("h2", { id: "h-keys" }, "Keys"), make("button", { type: "button", onclick: () => dialog.close() }, "Close"),
    ...list("On every page", everywhere()),
    ...(document.querySelector("sky-view") ? [...list("With the sky in focus", SKY), ...list("On a row of events, pointings or candidates", ROWS)] : []),
    make("p", {}, "No key moves a telescope: what does opens a page that wants a reason."), make("p", {}, turn));
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before?.isConnected) before.focus({ preventScroll: true });
    else if (panel) keep(document.getElementById(panel), name); // it was written anew meanwhile
  });
  document.body.append(dialog);
  dialog.showModal();
}

const does = (key) => {
  if (key === "?") return tell;
  if (key === "/" && field()) return () => field().focus();
  return key === "g" ? () => { awaited = performance.now() + PATIENCE_MS; } : null;
};

document.addEventListener("keydown", (event) => {
  if (off || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(FIELDS) || document.querySelector("dialog[open]")) return;
  const way = performance.now() < awaited ? ways().get(event.key) : null, act = way ? () => go(way) : does(event.key);
  awaited = 0;
  if (!act) return;
  event.preventDefault();
  event.stopPropagation(); // the second letter is no key of the sky
  act();
}, true);
document.addEventListener("click", ({ target }) => { if (target.closest?.("[data-keys]")) tell(); });
