// The journal's newest word, in the strip the moment that it is heard: the page itself has yet to be fetched again.
let newest = null;

// As `newest_word` in coordinator/dashboard/frames.py says it.
function inWords({ seq, kind, telescope, subject, event }) {
  return `newest #${seq} ${[kind.replaceAll("_", " "), telescope, subject || event].filter(Boolean).join(" · ")}`;
}

// Never an older one over a newer: a page that was asked for before may come after.
function write() {
  const place = document.getElementById("newest");
  if (!newest || Number(place.dataset.number) >= newest.seq) return;
  place.textContent = newest.says;
  place.dataset.number = newest.seq;
}

document.addEventListener("armillary:news", ({ detail: { topic, seq, data } }) => {
  if (topic === "resync") { // what was missed, or another journal with numbers of its own: the next page says
    newest = null;
    document.getElementById("newest").dataset.number = 0;
  } else if (!(newest?.seq >= seq)) newest = { seq, says: inWords(data) };
  write();
});
document.addEventListener("armillary:page", write);
