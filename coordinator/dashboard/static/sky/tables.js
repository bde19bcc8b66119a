// Keeps the page's tables and the sky in step: a row chosen by mouse or keyboard is chosen on the sky, and the reverse.
const TABLES = { field: "#pointings", candidate: "#candidates", event: "#events" };
const OWN = "a, button, summary, input";

export const choose = (kind, id, from) => document.dispatchEvent(new CustomEvent("armillary:choose", { detail: { kind, id, from } }));

function rowsIn(selector) {
  return [...document.querySelectorAll(`${selector} tbody tr[data-key]`)];
}

// One row of a table takes the Tab key; arrows and j, k go on from there.
function ready() {
  for (const selector of Object.values(TABLES)) {
    const rows = rowsIn(selector);
    if (rows.length && !rows.some((row) => row.tabIndex === 0)) rows.forEach((row, i) => { row.tabIndex = i ? -1 : 0; });
  }
}

function kindOf(row) {
  return Object.keys(TABLES).find((kind) => row.closest(TABLES[kind]));
}

function mark(kind, id, scroll) {
  for (const [each, selector] of Object.entries(TABLES)) {
    for (const row of rowsIn(selector)) {
      const chosen = kind === "event" || each !== "event" ? each === kind && row.dataset.key === id : "shown" in row.dataset;
      row.classList.toggle("chosen", chosen);
      if (chosen) row.setAttribute("aria-current", "true"); else row.removeAttribute("aria-current");
      if (chosen && scroll) row.scrollIntoView({ block: "nearest" });
    }
  }
}

function keyed(event) {
  const row = event.target.closest?.("tr[data-key]");
  if (!row || event.target !== row || !kindOf(row) || event.ctrlKey || event.metaKey || event.altKey) return;
  const by = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
  if (by) {
    const rows = rowsIn(TABLES[kindOf(row)]), next = rows[rows.indexOf(row) + by];
    if (next) { row.tabIndex = -1; next.tabIndex = 0; next.focus(); }
  } else if (event.key === "Enter" || event.key === " ") choose(kindOf(row), row.dataset.key, "table");
  else return;
  event.preventDefault();
}

let chosen = {};
document.addEventListener("click", (event) => {
  const row = event.target.closest?.("tr[data-key]");
  if (row && kindOf(row) && !event.target.closest(OWN)) choose(kindOf(row), row.dataset.key, "table");
});
document.addEventListener("keydown", keyed);
document.addEventListener("armillary:choose", ({ detail }) => {
  chosen = detail;
  mark(detail.kind, detail.id, detail.from !== "table");
});
document.addEventListener("armillary:page", () => { ready(); mark(chosen.kind, chosen.id, false); });
ready();
