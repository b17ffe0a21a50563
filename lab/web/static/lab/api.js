/** Speaks with the lab's server; it takes what comes from this page only, by its token. */
export class LabApi {
  /** @param {string} token */
  constructor(token) {
    this.token = token;
  }

  /**
   * @param {string} path
   * @returns {Promise<any>}
   */
  get(path) {
    return this.#ask(path, { method: "GET" });
  }

  /**
   * @param {string} path
   * @param {unknown} body
   * @returns {Promise<any>}
   */
  post(path, body = {}) {
    return this.#ask(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Lab-Token": this.token },
      body: JSON.stringify(body),
    });
  }

  /**
   * @param {string} path
   * @param {RequestInit} options
   */
  async #ask(path, options) {
    let answer;
    try {
      answer = await fetch(path, options);
    } catch {
      throw new Error("The lab does not answer. Is make lab still running?");
    }
    if (!answer.ok) {
      const isSentence = answer.headers.get("Content-Type")?.startsWith("text/plain");
      throw new Error(
        isSentence
          ? (await answer.text()).trim()
          : "The lab failed at that. Its terminal says why.",
      );
    }
    return answer.json();
  }
}
