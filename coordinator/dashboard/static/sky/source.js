// Asks the server for what is drawn. Nothing: it or the network is away, and whoever asked asks again later.
export class Source {
  constructor(event) {
    this.base = `/api/v1/events/${encodeURIComponent(event)}`;
    this.kept = new Map();
  }

  scene(after) {
    return asked(`${this.base}/scene${after == null ? "" : `?after=${after}`}`);
  }

  history() {
    return asked(`${this.base}/history`);
  }

  galaxies() {
    return this.#once(`${this.base}/galaxies`);
  }

  plan(sha256) {
    return this.#once(`${this.base}/planned/${sha256}`);
  }

  contours(sha256) {
    return this.#once(`/api/v1/skies/${sha256}`);
  }

  cells(sha256) {
    return this.#once(`/api/v1/skies/${sha256}/cells`, "arrayBuffer");
  }

  // What never changes is asked for once; what did not come is asked for again.
  async #once(path, form) {
    if (!this.kept.has(path)) this.kept.set(path, asked(path, form));
    const found = await this.kept.get(path);
    if (found == null) this.kept.delete(path);
    return found;
  }
}

async function asked(path, form = "json") {
  try {
    const answer = await fetch(path, { headers: { Accept: "application/json, application/octet-stream" } });
    return answer.ok ? await answer[form]() : null;
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
