import { find } from "./helpers/dom.js";
import { gettext } from "./helpers/i18n.js";
import { offerPasskeys, signIn } from "./helpers/passkey-sign-in.js";
import { askAccount, havePasskeys, makePasskey } from "./helpers/passkeys.js";
import { showCodes } from "./helpers/recovery-codes.js";

/*
 * The pages on which one joins or signs in. The room page, which has a form to join too, asks for the
 * passkeys by itself (shell/shell.js).
 */

/** How often a browser that waits to be let in asks. Milliseconds. */
const ASK_INTERVAL = 2_000;

document.documentElement.classList.add("scripted");
offerPasskeys(document);

const form = /** @type {HTMLFormElement | null} */ (document.querySelector(".passkey-form"));
form?.addEventListener("submit", (event) => {
  event.preventDefault();
  signInFrom(form);
});
const accountForm = /** @type {HTMLFormElement | null} */ (document.querySelector(".account-form"));
accountForm?.addEventListener("submit", (event) => {
  // A password goes the way of any form.
  if (!new FormData(accountForm).get("password")) {
    event.preventDefault();
    makeAccount(accountForm);
  }
});
if (document.querySelector(".waiting")) {
  setInterval(look, ASK_INTERVAL);
}

/** @param {HTMLFormElement} form */
async function signInFrom(form) {
  const note = find(form, ".join-error", HTMLElement);
  note.hidden = true;
  try {
    if (!havePasskeys()) {
      throw new Error(gettext("Passkeys need HTTPS. Use a recovery code."));
    }
    if (await signIn(form.dataset.next ?? "", { path: form.dataset.path })) {
      return;
    }
    throw new Error(gettext("No passkey was used. Try again, or sign in another way."));
  } catch (error) {
    note.textContent = /** @type {Error} */ (error).message;
    note.hidden = false;
  }
}

/**
 * A passkey for a name that nobody has yet: with it there is an account, and this browser is signed in.
 *
 * @param {HTMLFormElement} form
 */
async function makeAccount(form) {
  const note = find(form, ".join-error", HTMLElement);
  note.hidden = true;
  const { name, next = "", rules = "0" } = Object.fromEntries(new FormData(form));
  try {
    if (!havePasskeys()) {
      throw new Error(gettext("Passkeys need HTTPS. Ask the people who run this chatroom."));
    }
    const options = await askAccount("/join/passkey/options/", { name, next, rules });
    const answer = await makePasskey(options);
    if (!answer) {
      throw new Error(gettext("No passkey was made. Try again."));
    }
    const path = `/join/passkey/?next=${encodeURIComponent(String(next))}`;
    const said = await askAccount(path, answer);
    const place = find(document, ".new-codes", HTMLElement);
    find(place, "a", HTMLAnchorElement).href = said.next;
    form.hidden = true;
    showCodes(place, said.codes);
    find(place, "h2", HTMLElement).focus();
  } catch (error) {
    note.textContent = /** @type {Error} */ (error).message;
    note.hidden = false;
  }
}

/** Whether the other device has decided: then the page of the server says how. */
async function look() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const granted = /** @type {HTMLFormElement | null} */ (page.querySelector(".granted-form"));
  if (granted) {
    const form = document.importNode(granted, true);
    find(document, ".waiting", HTMLElement).replaceWith(form);
    form.submit();
  } else if (!answer.ok || !page.querySelector(".waiting")) {
    location.reload();
  }
}
