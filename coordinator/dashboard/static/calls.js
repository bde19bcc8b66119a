// Calls for a person, if this browser wants them: a note on the page for what begins to wait, and a sound.
import { asked, oneByOne } from "./patience.js";

const LEAST_INTERVAL_MS = 1500, MOST_SHOWN = 5, KNOWN = "armillary-known", WANTED = { notes: "armillary-notes", sound: "armillary-sound" };
const region = document.getElementById("calls"), controls = document.getElementById("calls-wanted");
let audio = null;

// A browser may keep nothing for us: then nothing is wanted, and nothing breaks.
function kept(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

function keep(key, value) {
  try { localStorage.setItem(key, value); } catch { /* it is asked again on the next page */ }
}

const wants = (what) => kept(WANTED[what]) === "yes";
const nameOf = (item) => `${item.about}/${item.subject}/${item.says}`;

function showWanted() {
  for (const button of controls.querySelectorAll("button")) button.setAttribute("aria-pressed", String(wants(button.dataset.wants)));
}

// Two short tones. Before anybody has touched the page the browser lets it make none; the note is there all the same.
function sound() {
  audio ??= new AudioContext();
  for (const [pitch, after] of [[660, 0], [880, 0.18]]) {
    const tone = audio.createOscillator(), volume = audio.createGain(), at = audio.currentTime + after;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.2, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.15);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.16);
  }
  region.dataset.sounded = String(Number(region.dataset.sounded ?? 0) + 1);
}

function note(item) {
  const box = document.createElement("p"), link = document.createElement("a"), close = document.createElement("button");
  box.dataset.name = nameOf(item);
  link.href = item.see;
  link.textContent = item.says;
  close.textContent = "seen";
  close.className = "link";
  close.setAttribute("aria-label", `seen: ${item.says}`);
  close.addEventListener("click", () => box.remove());
  box.append(link, " ", close);
  region.append(box);
  while (region.children.length > MOST_SHOWN) region.firstElementChild.remove();
}

// What waits now; null while the server is away.
function waiting() {
  return asked("/api/v1/inbox", { headers: { Accept: "application/json" } }, async (answer) => (answer.ok ? (await answer.json()).items : null));
}

async function look() {
  const items = await waiting();
  if (items == null) return;
  const known = kept(KNOWN), names = items.map(nameOf);
  const fresh = known == null ? [] : items.filter((item) => !JSON.parse(known).includes(nameOf(item)));
  keep(KNOWN, JSON.stringify(names));
  for (const box of [...region.children]) if (!names.includes(box.dataset.name)) box.remove(); // it no longer waits
  for (const item of fresh) note(item);
  if (fresh.length && wants("sound")) sound();
}

const lookByTurns = oneByOne(look, LEAST_INTERVAL_MS);

function lookSoon() {
  if (wants("notes") || wants("sound")) lookByTurns();
}

controls.addEventListener("click", ({ target }) => {
  const what = target.dataset?.wants;
  if (!what) return;
  keep(WANTED[what], wants(what) ? "no" : "yes");
  if (what === "sound" && wants("sound")) sound(); // so that one knows it, and the browser lets it sound later
  showWanted();
  lookSoon();
});
document.addEventListener("armillary:page", lookSoon);
controls.hidden = false;
showWanted();
lookSoon();
