// Asks the server, takes no longer than a person would wait, and does not ask faster than it can be answered.
const PATIENCE_MS = 30_000;

// Returns what calls for an act: one at a time, once more if it was called for meanwhile, and a pause after each.
export function oneByOne(act, pauseMs) {
  let acting = false, again = false;
  return async () => {
    again = true;
    if (acting) return;
    acting = true;
    try {
      while (again) {
        again = false;
        await act();
        await new Promise((done) => setTimeout(done, pauseMs));
      }
    } finally {
      acting = false;
    }
  };
}

// What `take` makes of the answer; null while the network or the server is away, or takes for ever.
export async function asked(path, options, take) {
  const giveUp = new AbortController(), timer = setTimeout(() => giveUp.abort(), PATIENCE_MS);
  try {
    return await take(await fetch(path, { ...options, signal: giveUp.signal }));
  } catch (error) {
    if (error instanceof TypeError || error.name === "AbortError") return null;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
