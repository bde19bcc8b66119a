// Asks the server, and takes no longer than a person would wait.
const PATIENCE_MS = 30_000;

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
