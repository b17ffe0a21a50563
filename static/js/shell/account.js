import { find, make } from "../helpers/dom.js";
import { askProven } from "../helpers/fresh-proof.js";
import { gettext, interpolate, ngettext } from "../helpers/i18n.js";
import { askAccount } from "../helpers/passkeys.js";
import { showCodes } from "../helpers/recovery-codes.js";
import { connectProvider } from "../helpers/single-sign-on.js";
import { momentText } from "../helpers/time.js";

/**
 * @typedef {{ id: string, label: string, used: string, here: boolean }} DeviceEntry
 * @typedef {{ id: number, label: string, made: string, used: string | null }} PasskeyEntry
 */

/** *Your account*: the devices that are signed in, the passkeys, single sign-on, the recovery codes. */
export class Account {
  #dialog = find(document, "#account", HTMLDialogElement);
  #status = find(this.#dialog, ".account-status", HTMLElement);
  #codes = find(this.#dialog, ".new-codes", HTMLElement);

  /** Only where the site has single sign-on. */
  #sso = /** @type {HTMLElement | null} */ (this.#dialog.querySelector(".account-sso"));

  connect() {
    if (this.#sso) {
      find(this.#sso, "#connect-sso", HTMLElement).addEventListener("click", () =>
        this.#act(connectProvider),
      );
      find(this.#sso, "#disconnect-sso", HTMLElement).addEventListener("click", () =>
        this.#act(() => this.#disconnect()),
      );
    }
    find(document, "#account-button", HTMLElement).addEventListener("click", () => this.#open());
    find(this.#dialog, "#renew-codes", HTMLElement).addEventListener("click", () =>
      this.#act(() => this.#renewCodes()),
    );
    find(this.#dialog, "#sign-out-everywhere", HTMLElement).addEventListener("click", () =>
      this.#act(() => this.#leave("/account/sign-out/", "/sign-in/")),
    );
  }

  #open() {
    find(document, ".account", HTMLDetailsElement).open = false;
    this.#codes.hidden = true;
    this.#status.textContent = "";
    this.#dialog.showModal();
    this.#act(() => this.#load());
  }

  /** @param {() => Promise<void>} what */
  async #act(what) {
    try {
      await what();
    } catch (error) {
      const { message, page } = /** @type {Error & { page?: string }} */ (error);
      this.#status.replaceChildren(message);
      if (page) {
        this.#status.append(" ", make("a", { href: page }, gettext("Confirm")));
      }
    }
  }

  async #load() {
    const { devices, passkeys, codes, sso } = await askAccount("/account/");
    find(this.#dialog, ".device-list", HTMLElement).replaceChildren(
      ...devices.map((/** @type {DeviceEntry} */ one) => this.#device(one)),
    );
    find(this.#dialog, ".passkey-list", HTMLElement).replaceChildren(
      ...passkeys.map((/** @type {PasskeyEntry} */ one) => this.#passkey(one)),
    );
    this.#showLeft(codes);
    if (this.#sso) {
      this.#showProvider(this.#sso, sso);
    }
  }

  /**
   * @param {HTMLElement} section
   * @param {boolean} isConnected
   */
  #showProvider(section, isConnected) {
    find(section, ".sso-state", HTMLElement).textContent = isConnected
      ? gettext("It signs you in to this account.")
      : gettext("Connect it to sign in with it.");
    find(section, "#connect-sso", HTMLElement).hidden = isConnected;
    find(section, "#disconnect-sso", HTMLElement).hidden = !isConnected;
  }

  async #disconnect() {
    await askProven("/account/sso/remove/", {});
    await this.#load();
    this.#status.textContent = gettext("It does not sign you in any more.");
    find(this.#dialog, "#connect-sso", HTMLElement).focus();
  }

  /** @param {number} count */
  #showLeft(count) {
    find(this.#dialog, ".codes-left", HTMLElement).textContent =
      count > 0
        ? ngettext("{count} code is left.", "{count} codes are left.", count)
        : gettext("No code is left.");
  }

  /** @param {DeviceEntry} device */
  #device({ id, label, used, here }) {
    const last = interpolate(gettext("last used {time}"), { time: momentText(Date.parse(used)) });
    const note = here ? gettext("this device") : last;
    return this.#row(label, note, gettext("Sign out"), async () => {
      const path = `/account/devices/${id}/sign-out/`;
      if (here) {
        await this.#leave(path, "/");
        return;
      }
      await askAccount(path, {});
      await this.#load();
      this.#status.textContent = interpolate(gettext("{device} was signed out."), {
        device: label,
      });
    });
  }

  /** @param {PasskeyEntry} passkey */
  #passkey({ id, label, made, used }) {
    const note = used
      ? interpolate(gettext("last used {time}"), { time: momentText(Date.parse(used)) })
      : interpolate(gettext("made {time}"), { time: momentText(Date.parse(made)) });
    return this.#row(label, note, gettext("Remove"), async () => {
      await askProven(`/account/passkeys/${id}/remove/`, {});
      await this.#load();
      this.#status.textContent = gettext("The passkey does not sign you in any more.");
    });
  }

  /**
   * @param {string} label
   * @param {string} note
   * @param {string} action
   * @param {() => Promise<void>} act
   */
  #row(label, note, action, act) {
    const button = make("button", { type: "button", className: "button is-small" }, action);
    button.setAttribute("aria-label", `${action}: ${label}, ${note}`);
    button.addEventListener("click", () => this.#act(act));
    const text = make("span", { className: "account-row-text" }, label);
    text.append(make("span", { className: "account-row-note" }, note));
    return make("li", { className: "account-row" }, text, button);
  }

  async #renewCodes() {
    const { codes } = await askProven("/account/codes/", {});
    showCodes(this.#codes, codes);
    this.#showLeft(codes.length);
  }

  /**
   * Sign out here too. The socket may hear of it before the answer comes: it must not tell the person who
   * did it that they were signed out.
   *
   * @param {string} path
   * @param {string} next
   */
  async #leave(path, next) {
    this.#dialog.dataset.leaving = "";
    try {
      await askAccount(path, {});
    } catch (error) {
      delete this.#dialog.dataset.leaving;
      throw error;
    }
    location.assign(next);
  }
}
