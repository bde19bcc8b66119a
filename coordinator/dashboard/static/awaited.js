// A page of what the journal has not spoken of yet: it becomes the thing's own page when the journal does.
import { take } from "./live.js";
import { asked, oneByOne } from "./patience.js";

const LEAST_INTERVAL_MS = 700, LOOKS_MS = [2_000, 4_000, 8_000, 16_000, 32_000]; // then the stream alone calls
const { awaits, topic: bringer } = document.body.dataset;

// Whether an entry may have brought it: it names it, is of a kind that names none, or says less than it could.
const isOfIt = ({ topic, data }) => topic === "resync" || topic === bringer || !("event" in data) || [data.event, data.telescope, data.subject].includes(awaits);

async function look() {
  const html = await asked(location.pathname + location.search, { headers: { Accept: "text/html" } }, (answer) => {
    if (answer.status === 404) return answer.text();
    if (answer.ok) location.reload();
    return null;
  });
  if (html != null) take(html);
}

const lookSoon = oneByOne(look, LEAST_INTERVAL_MS); // however fast the journal speaks

document.addEventListener("armillary:news", ({ detail }) => { if (isOfIt(detail)) lookSoon(); });
for (const after of LOOKS_MS) setTimeout(lookSoon, after);
