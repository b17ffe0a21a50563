import { emit, find } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";
import { CloseCode } from "../protocol.js";

/** @import { ConnectionState } from "../realtime/connection.js" */

/** A shorter interruption is not worth a word. Milliseconds. */
const PATIENCE = 1_500;
/** milliseconds */
const TICK = 500;

/** @type {Record<number, string>} */
const ENDINGS = {
  [CloseCode.BANNED]: gettext("You were removed from this chatroom."),
  [CloseCode.SIGN_IN]: gettext("Your session ended. Reload the page to join again."),
  [CloseCode.TOO_OLD]: gettext("This page is out of date. Reload it to go on."),
  [CloseCode.PROTOCOL]: gettext(
    "This page and the server do not understand each other. Reload it.",
  ),
};

/** What is wrong with the connection and what happens next. Tells `retry-wanted`. */
export class ConnectionBanner extends HTMLElement {
  /** @type {ConnectionState} */
  #state = { phase: "connecting" };
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;
  #troubledSince = Date.now();
  #unsent = 0;

  connectedCallback() {
    find(this, "button", HTMLButtonElement).addEventListener("click", () => {
      if (this.#state.phase === "ended") {
        location.reload();
      } else {
        emit(this, "retry-wanted");
      }
    });
    this.#ticking = setInterval(() => this.#update(), TICK);
  }

  disconnectedCallback() {
    clearInterval(this.#ticking);
  }

  /**
   * @param {ConnectionState} state
   * @param {number} unsent messages that wait
   */
  show(state, unsent) {
    if (state.phase === "open") {
      this.#troubledSince = Number.POSITIVE_INFINITY;
    } else if (this.#troubledSince === Number.POSITIVE_INFINITY) {
      this.#troubledSince = Date.now();
    }
    this.#state = state;
    this.#unsent = unsent;
    this.#update();
  }

  #update() {
    const { phase } = this.#state;
    const troubled =
      phase === "ended" || !navigator.onLine || Date.now() - this.#troubledSince > PATIENCE;
    this.hidden = !troubled || (phase === "open" && navigator.onLine);
    if (!this.hidden) {
      const text = find(this, ".banner-text", HTMLElement);
      const said = this.#wording();
      if (text.textContent !== said) {
        text.textContent = said;
      }
      const button = find(this, "button", HTMLButtonElement);
      button.hidden = phase === "connecting" || phase === "open";
      button.textContent = phase === "ended" ? gettext("Reload") : gettext("Try now");
    }
  }

  #wording() {
    const { phase, retryAt = 0, code = 0, reason } = this.#state;
    const kept = this.#unsent > 0 ? gettext("What you wrote is kept and sent then.") : "";
    if (phase === "ended") {
      return ENDINGS[code] ?? reason ?? gettext("The server ended the connection.");
    }
    if (!navigator.onLine) {
      return gettext("You are offline. Write on: it is sent when you are back.");
    }
    if (phase === "connecting") {
      return sentences(gettext("Connecting…"), kept);
    }
    const seconds = Math.max(1, Math.ceil((retryAt - Date.now()) / 1_000));
    const cause =
      code === CloseCode.DRAINING
        ? gettext("The server is restarting.")
        : gettext("The connection is lost.");
    const next = interpolate(gettext("Trying again in {seconds} s."), { seconds });
    return sentences(cause, next, kept);
  }
}

/** @param {string[]} said those that are empty are left out */
function sentences(...said) {
  return said.filter((sentence) => sentence !== "").join(" ");
}
