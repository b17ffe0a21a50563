import { find, on } from "../helpers/dom.js";
import { gettext } from "../helpers/i18n.js";
import { askAccount } from "../helpers/passkeys.js";
import { Event as ServerEvent } from "../protocol.js";

/** @import { BrowserStorage } from "../helpers/storage.js" */
/** @import { Notices } from "../helpers/notices.js" */
/** @import { SiteTerms } from "../protocol.js" */
/** @import { Connection } from "../realtime/connection.js" */
/** @import { CurrentRoom } from "./current-room.js" */

/** In the browser's storage: what the member does not want to be told any more. */
const DISMISSED = "site-notice-dismissed";

/** @type {Record<string, string>} what a guest needs to come in again */
const NEEDED = {
  invited: gettext(
    "This chatroom is by invitation now. Keep this name, so that you can come in again.",
  ),
  accounts: gettext(
    "This chatroom is for accounts now. Keep this name, so that you can come in again.",
  ),
  sso: gettext(
    "This chatroom takes single sign-on only now. Keep this name with it, so that you can come in again.",
  ),
};
const CONNECT = gettext(
  "This chatroom takes single sign-on only now. Connect it to your account, so that you can sign in again.",
);
const GUESTS_READ = gettext("Guests only read here now. Keep this name to write.");
const RULES = gettext("The rules of this chatroom have changed.");

/**
 * What an owner decided and who is in should know: how to come in again, and that there are new rules. Nobody
 * is thrown out.
 */
export class SiteNotice {
  #parts;
  #section = find(document, ".site-notice", HTMLElement);
  #keep = find(this.#section, ".site-notice-keep", HTMLButtonElement);
  #account = find(this.#section, ".site-notice-account", HTMLButtonElement);
  #rules = find(this.#section, ".site-notice-rules", HTMLAnchorElement);
  /** @type {SiteTerms} */
  #site;
  /** The version of the rules that I accepted; they may be newer. */
  #accepted;
  /** Whether single sign-on leads to my account; asked where it matters. */
  #isConnected = true;
  #isAsked = false;
  #said = "";

  /**
   * @param {{
   *   boot: { site?: SiteTerms, rules_to_accept?: number, has_account?: boolean }, connection: Connection,
   *   current: CurrentRoom, storage: BrowserStorage, notices: Notices, focusBack: () => void,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
    const { site = {}, rules_to_accept: toAccept = 0 } = parts.boot;
    this.#site = site;
    this.#accepted = toAccept ? 0 : (site.rules ?? 0);
  }

  connect() {
    const { connection, current, storage, focusBack } = this.#parts;
    on(connection, "frame", (frame) => {
      if (frame.type === ServerEvent.HELLO || frame.type === ServerEvent.SITE_CHANGED) {
        this.#site = frame.site ?? {};
        this.#draw();
        this.#askWhetherConnected();
      }
    });
    current.follow(({ permissions }, signal) => {
      on(permissions, "change", () => this.#draw(), signal);
      this.#draw();
    });
    this.#keep.addEventListener("click", () =>
      find(document, "#keep-name-button", HTMLButtonElement).click(),
    );
    this.#account.addEventListener("click", () =>
      find(document, "#account-button", HTMLButtonElement).click(),
    );
    find(this.#section, ".site-notice-close", HTMLElement).addEventListener("click", () => {
      storage.setItem(DISMISSED, this.#key);
      this.#draw();
      focusBack();
    });
  }

  get #hasNewRules() {
    const { rules = 0 } = this.#site;
    return rules > 0 && rules !== this.#accepted;
  }

  /** Owners and moderators sign in as before, to mend what is wrong with single sign-on. */
  get #mustConnect() {
    const { boot, current } = this.#parts;
    const isBound = boot.has_account === true && current.session.permissions.role === null;
    return isBound && this.#site.comes_in === "sso";
  }

  /** Not again after each connection: who connects it comes back to a new page. */
  async #askWhetherConnected() {
    if (!this.#mustConnect) {
      this.#isAsked = false;
    } else if (!this.#isAsked) {
      const account = await askAccount("/account/").catch(() => null);
      if (account) {
        this.#isAsked = true;
        this.#isConnected = account.sso;
        this.#draw();
      }
    }
  }

  /** What I need to come in again, or to write; empty if it is nothing. */
  get #needed() {
    const { boot, current } = this.#parts;
    if (boot.has_account) {
      return this.#mustConnect && !this.#isConnected ? CONNECT : "";
    }
    const { comes_in = "anyone", guests_read = false } = this.#site;
    const isBound = current.session.permissions.role === null;
    return guests_read && isBound ? GUESTS_READ : (NEEDED[comes_in] ?? "");
  }

  get #key() {
    return JSON.stringify([this.#hasNewRules ? this.#site.rules : 0, this.#needed]);
  }

  #draw() {
    const { storage, notices } = this.#parts;
    const needed = this.#hasNewRules ? "" : this.#needed;
    const text = this.#hasNewRules ? RULES : needed;
    const isHidden = !text || storage.getItem(DISMISSED) === this.#key;
    this.#section.hidden = isHidden;
    find(this.#section, "p", HTMLElement).textContent = text;
    this.#keep.hidden = !needed || needed === CONNECT;
    this.#account.hidden = needed !== CONNECT;
    this.#rules.hidden = !this.#hasNewRules;
    this.#rules.href = `/rules/?next=${encodeURIComponent(location.pathname)}`;
    const said = isHidden ? "" : text;
    if (said && said !== this.#said) {
      notices.announce(said);
    }
    this.#said = said;
  }
}
