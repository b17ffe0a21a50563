import { find } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";
import { askAccount } from "../helpers/passkeys.js";

/** How often this device asks who wants to be let in. Milliseconds. */
const ASK_INTERVAL = 1_500;

/**
 * *Sign in another device*: a code and a link for it; who asks by it is shown here, and gets in if this
 * device allows it.
 */
export class OtherDevice {
  #dialog = find(document, "#other-device", HTMLDialogElement);
  #link = find(this.#dialog, ".device-link", HTMLElement);
  #request = find(this.#dialog, ".device-request", HTMLElement);
  #status = find(this.#dialog, ".device-status", HTMLElement);
  #id = "";
  #number = "";
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #asking;

  connect() {
    find(document, "#other-device-button", HTMLElement).addEventListener("click", () =>
      this.#open(),
    );
    find(this.#dialog, ".allow-device", HTMLElement).addEventListener("click", () =>
      this.#decide(true),
    );
    find(this.#dialog, ".refuse-device", HTMLElement).addEventListener("click", () =>
      this.#decide(false),
    );
    this.#dialog.addEventListener("close", () => clearInterval(this.#asking));
  }

  async #open() {
    find(document, "#account", HTMLDialogElement).close();
    this.#show("");
    this.#dialog.showModal();
    try {
      const { link, id, qr } = await askAccount("/account/links/", {});
      this.#id = id;
      find(this.#link, "input", HTMLInputElement).value = link;
      find(this.#link, "img", HTMLImageElement).src = qr;
      this.#show(gettext("Waiting for the other device…"), this.#link);
      this.#asking = setInterval(() => this.#look(), ASK_INTERVAL);
    } catch (error) {
      this.#show(/** @type {Error} */ (error).message);
    }
  }

  async #look() {
    const said = await askAccount(`/account/links/${this.#id}/`).catch(() => null);
    if (said?.state === "asked" && this.#request.hidden) {
      this.#number = said.number;
      find(this.#request, ".match-number", HTMLElement).textContent = said.number;
      find(this.#request, ".device-asks", HTMLElement).textContent = interpolate(
        gettext("{device} asks to sign in as you, from {address}."),
        { device: said.by, address: said.from },
      );
      this.#show("", this.#request);
      find(this.#request, ".refuse-device", HTMLButtonElement).focus();
    } else if (said?.state === "used") {
      this.#end(interpolate(gettext("{device} is signed in now."), { device: said.by }));
    } else if (said?.state === "over") {
      this.#end(gettext("The link does not work any more. Close this and show a new one."));
    }
  }

  /** @param {boolean} granted */
  async #decide(granted) {
    try {
      await askAccount(`/account/links/${this.#id}/decide/`, { number: this.#number, granted });
    } catch (error) {
      this.#end(/** @type {Error} */ (error).message);
      return;
    }
    if (granted) {
      this.#show(gettext("Allowed. The other device goes on by itself."));
    } else {
      this.#end(gettext("Not allowed. That device was not signed in."));
    }
  }

  /** @param {string} text */
  #end(text) {
    clearInterval(this.#asking);
    this.#show(text);
  }

  /**
   * @param {string} text
   * @param {HTMLElement} [part] the one that is shown besides
   */
  #show(text, part) {
    this.#link.hidden = part !== this.#link;
    this.#request.hidden = part !== this.#request;
    // Who is asked answers.
    find(this.#dialog, ".close-device", HTMLElement).hidden = part === this.#request;
    this.#status.textContent = text;
  }
}
