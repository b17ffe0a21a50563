import { gettext } from "./i18n.js";
import { askAccount, havePasskeys, ProofWanted, Refused, usePasskey } from "./passkeys.js";

/**
 * Asks one of the account's addresses; where the server wants to know first that its owner is there,
 * the browser asks for the passkey, and the question is put again.
 *
 * @param {string} path
 * @param {unknown} value
 * @returns {Promise<any>}
 */
export async function askProven(path, value) {
  try {
    return await askAccount(path, value);
  } catch (error) {
    if (!(error instanceof ProofWanted)) {
      throw error;
    }
    await prove();
    return askAccount(path, value);
  }
}

/** By the passkey; who has none at hand goes on to the page with the other ways. */
async function prove() {
  if (havePasskeys()) {
    const answer = await usePasskey(await askAccount("/sign-in/options/"));
    if (answer) {
      await askAccount("/account/proof/passkey/", answer);
      return;
    }
  }
  throw new Refused(gettext("Nothing was changed. Confirm that it is you first."), proofPage());
}

/** @returns {string} where one confirms it in another way, and comes back from */
export function proofPage() {
  return `/account/proof/?next=${encodeURIComponent(location.pathname)}`;
}
