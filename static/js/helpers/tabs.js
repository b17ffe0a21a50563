/** A tab that was just left may hold its name still. Milliseconds. */
const CLAIM_TIME = 2_000;
/** How long the other tabs may take to answer, where a page has no locks. Milliseconds. */
const ANSWER_TIME = 1_500;

/**
 * The tabs of this browser that are open, by name. A page over HTTPS holds a lock for as long as it
 * lives; one over plain HTTP, which has no locks, asks the others.
 */
export class Tabs {
  #locks = navigator.locks;
  #channel = new BroadcastChannel("tabs");
  #name = "";
  /** Each room asks for the tab's name: it is claimed once. */
  /** @type {Map<string, Promise<boolean>>} */
  #claims = new Map();

  constructor() {
    this.#channel.addEventListener("message", ({ data }) => {
      if (data.who && this.#name) {
        this.#channel.postMessage({ here: this.#name });
      }
    });
  }

  /**
   * @param {string} name
   * @returns {Promise<boolean>} whether it is this tab's now; not if another one bears it
   */
  claim(name) {
    const claim = this.#claims.get(name) ?? this.#claim(name);
    this.#claims.set(name, claim);
    return claim;
  }

  /** @param {string} name */
  async #claim(name) {
    const isFree = this.#locks ? await this.#lock(name) : !(await this.#ask()).has(name);
    if (isFree) {
      this.#name = name;
    }
    return isFree;
  }

  /** @returns {Promise<Set<string>>} the names of all that are open */
  async open() {
    if (!this.#locks) {
      return this.#ask();
    }
    const { held = [] } = await this.#locks.query();
    return new Set(held.map(({ name = "" }) => name.replace("tab:", "")));
  }

  /** @param {string} name */
  #lock(name) {
    return new Promise((resolve) => {
      const signal = AbortSignal.timeout(CLAIM_TIME);
      const held = () => {
        resolve(true);
        return new Promise(() => {});
      };
      this.#locks.request(`tab:${name}`, { signal }, held).catch(() => resolve(false));
    });
  }

  /** @returns {Promise<Set<string>>} */
  #ask() {
    return new Promise((resolve) => {
      const names = new Set(this.#name ? [this.#name] : []);
      /** @param {MessageEvent} event */
      const note = ({ data }) => data.here && names.add(data.here);
      this.#channel.addEventListener("message", note);
      this.#channel.postMessage({ who: true });
      setTimeout(() => {
        this.#channel.removeEventListener("message", note);
        resolve(names);
      }, ANSWER_TIME);
    });
  }
}
