import { askAccount, havePasskeys, usePasskey } from "./passkeys.js";

/**
 * Signs in with a passkey, and goes on where the form leads.
 *
 * @param {string} next where to go afterwards
 * @param {{ isQuiet?: boolean, signal?: AbortSignal, path?: string }} [how] `path`: what takes the answer
 * @returns {Promise<boolean>} false: it was cancelled
 */
export async function signIn(next, { path = "/sign-in/passkey/", ...how } = {}) {
  const answer = await usePasskey(await askAccount("/sign-in/options/"), how);
  if (!answer) {
    return false;
  }
  const said = await askAccount(`${path}?next=${encodeURIComponent(next)}`, answer);
  const target = new URL(said.next, location.href);
  location.assign(target);
  // The same page with another fragment would not load anew.
  if (target.pathname === location.pathname) {
    location.reload();
  }
  return true;
}

/**
 * The name field of a form to join offers the passkeys that this browser has for the site. Who types a
 * name joins as ever.
 *
 * @param {ParentNode} root
 */
export async function offerPasskeys(root) {
  const field = root.querySelector('.join-form input[autocomplete~="webauthn"]');
  const next = /** @type {HTMLInputElement | null} */ (
    root.querySelector(".join-form [name=next]")
  );
  const isAble = havePasskeys() && (await PublicKeyCredential.isConditionalMediationAvailable?.());
  if (!field || !isAble) {
    return;
  }
  try {
    await signIn(next?.value ?? "", { isQuiet: true });
  } catch (error) {
    field
      .closest(".join-form")
      ?.querySelector(".join-row")
      ?.after(alert(/** @type {Error} */ (error).message));
  }
}

/** @param {string} text */
function alert(text) {
  const error = document.createElement("p");
  error.className = "join-error";
  error.setAttribute("role", "alert");
  error.textContent = text;
  return error;
}
