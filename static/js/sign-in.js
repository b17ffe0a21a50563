import { find } from "./helpers/dom.js";
import { gettext } from "./helpers/i18n.js";
import { offerPasskeys, signIn } from "./helpers/passkey-sign-in.js";
import { havePasskeys } from "./helpers/passkeys.js";

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

/** Whether the other device has decided: then the page of the server says how. */
async function look() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const granted = /** @type {HTMLFormElement | null} */ (page.querySelector(".granted-form"));
  if (granted) {
    const form = document.importNode(granted, true);
    find(document, ".waiting", HTMLElement).replaceWith(form);
    form.submit();
  } else if (!answer.ok) {
    location.reload();
  }
}
