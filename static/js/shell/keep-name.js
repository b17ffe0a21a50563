import { find, on } from "../helpers/dom.js";
import { askProven } from "../helpers/fresh-proof.js";
import { gettext } from "../helpers/i18n.js";
import { askAccount, havePasskeys, makePasskey } from "../helpers/passkeys.js";
import { showCodes } from "../helpers/recovery-codes.js";
import { connectProvider } from "../helpers/single-sign-on.js";
import { CloseCode } from "../protocol.js";
import { FormDialog } from "./form-dialog.js";

/** @import { Connection } from "../realtime/connection.js" */

/**
 * *Keep this name*: the browser makes a passkey, and the guest is an account from then on. Where the
 * site has single sign-on, one chooses first. The same dialog adds a passkey to an account.
 */
export class KeepName {
  #dialog = find(document, "#keep-name", HTMLDialogElement);
  #status = find(this.#dialog, "#keep-name-status", HTMLElement);
  #error = find(this.#dialog, ".field-error", HTMLElement);
  #codes = find(this.#dialog, ".new-codes", HTMLElement);
  #again = find(this.#dialog, ".try-again", HTMLButtonElement);
  #done = find(this.#dialog, ".done", HTMLButtonElement);
  #isKept = false;
  /** Whether this browser has the cookie of the account, and the connection has not. */
  #hasCookie = false;
  #connection;
  /** Only for guests, where the site has single sign-on. */
  #ways = /** @type {HTMLElement | null} */ (this.#dialog.querySelector(".ways-to-keep"));
  /** Only where the site has passwords. */
  #password;

  /** @param {{ connection: Connection, focusBack: () => void }} parts */
  constructor({ connection, focusBack }) {
    this.#connection = connection;
    const submit = (/** @type {FormData} */ answers) => this.#setPassword(answers);
    this.#password = document.querySelector("#set-password")
      ? new FormDialog("#set-password", { submit, focusBack })
      : null;
  }

  connect() {
    on(this.#connection, "state", () => this.#comeBack());
    for (const opener of document.querySelectorAll("#keep-name-button, #add-passkey")) {
      opener.addEventListener("click", () => this.#open());
    }
    if (this.#password) {
      const button = find(document, "#use-password", HTMLButtonElement);
      button.addEventListener("click", () => this.#openPassword());
    }
    this.#again.addEventListener("click", () => this.#make());
    if (this.#ways) {
      find(this.#ways, "#keep-by-sso", HTMLElement).addEventListener("click", () => this.#goOut());
      const passkey = find(this.#ways, "#keep-by-passkey", HTMLElement);
      passkey.addEventListener("click", () => this.#make());
      passkey.hidden = !havePasskeys();
    }
    this.#dialog.addEventListener("close", () => {
      // The page of an account is another one; what was being written is kept.
      if (this.#isKept) {
        location.reload();
      }
    });
  }

  /** The guest's session ends once the name is kept, and the account's takes its place. */
  #comeBack() {
    const { phase, code } = this.#connection.state;
    if (this.#hasCookie && phase === "ended" && code === CloseCode.SIGN_IN) {
      this.#hasCookie = false;
      this.#connection.open();
    }
  }

  #openPassword() {
    this.#closeAll();
    this.#password?.open();
  }

  /** @param {FormData} answers */
  async #setPassword(answers) {
    this.#isKept = true;
    this.#announce("");
    try {
      const said = await askProven("/account/password/", { password: answers.get("password") });
      this.#dialog.showModal();
      this.#hasCookie = true;
      this.#comeBack();
      this.#showKept(said.codes, gettext("The password was set."));
    } catch (error) {
      this.#isKept = false;
      throw error;
    }
  }

  #closeAll() {
    for (const dialog of document.querySelectorAll("dialog[open]")) {
      /** @type {HTMLDialogElement} */ (dialog).close();
    }
    find(document, ".account", HTMLDetailsElement).open = false;
  }

  #open() {
    this.#closeAll();
    this.#dialog.showModal();
    if (this.#ways) {
      this.#announce(gettext("Choose how you sign in from now on."));
      this.#showWays(this.#ways, true);
      find(this.#ways, "button", HTMLElement).focus();
    } else {
      this.#make();
    }
  }

  /**
   * @param {HTMLElement} ways
   * @param {boolean} areShown then one of them is what most people want, and not *Cancel*
   */
  #showWays(ways, areShown) {
    ways.hidden = !areShown;
    this.#done.classList.toggle("is-primary", !areShown);
  }

  async #goOut() {
    try {
      await connectProvider();
    } catch (error) {
      this.#refuse(/** @type {Error} */ (error).message);
    }
  }

  async #make() {
    if (this.#ways && !this.#ways.hidden) {
      this.#showWays(this.#ways, false);
      this.#done.focus();
    }
    this.#announce(
      gettext("Follow your browser: it makes a passkey, so that this name stays yours."),
    );
    try {
      if (!havePasskeys()) {
        throw new Error(gettext("Passkeys need HTTPS. Ask the people who run this chatroom."));
      }
      const answer = await makePasskey(await askProven("/account/keep/options/", {}));
      if (!answer) {
        throw new Error(gettext("No passkey was made. Nothing has changed."));
      }
      // From here on the session may end at any moment, and the dialog stays.
      this.#isKept = true;
      const { codes } = await askAccount("/account/keep/", answer);
      this.#hasCookie = true;
      this.#comeBack();
      const added = gettext("The passkey was added. It signs you in from now on.");
      this.#showKept(codes, added);
    } catch (error) {
      this.#isKept = false;
      this.#refuse(/** @type {Error} */ (error).message);
    }
  }

  /**
   * @param {string[]} codes of a new account
   * @param {string} added what an account has now that was there before
   */
  #showKept(codes, added) {
    this.#done.textContent = codes.length > 0 ? gettext("I saved them") : gettext("Done");
    if (codes.length > 0) {
      this.#announce(gettext("The name is yours. Sign in with it on any device."));
      showCodes(this.#codes, codes);
    } else {
      this.#announce(added);
    }
    this.#done.focus();
  }

  /** @param {string} text */
  #announce(text) {
    this.#status.textContent = text;
    this.#error.hidden = true;
    this.#again.hidden = true;
  }

  /** @param {string} text */
  #refuse(text) {
    this.#status.textContent = "";
    this.#error.textContent = text;
    this.#error.hidden = false;
    this.#again.hidden = !havePasskeys();
  }
}
