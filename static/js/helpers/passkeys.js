import { gettext } from "./i18n.js";

/** What the server refused, in its words. */
export class Refused extends Error {
  /**
   * @param {string} text
   * @param {string} [page] where one does what is asked for first
   */
  constructor(text, page = "") {
    super(text);
    this.page = page;
  }
}

/** The owner of the account must prove it first (fresh-proof.js). */
export class ProofWanted extends Refused {}

/** An address without a name, as 127.0.0.1: no passkey belongs to one. */
const BARE_ADDRESS = /^[\d.]+$|:/;

/** @returns {boolean} whether this browser can have passkeys here: it wants HTTPS, or localhost */
export function havePasskeys() {
  return Boolean(globalThis.PublicKeyCredential) && !BARE_ADDRESS.test(location.hostname);
}

/**
 * Asks one of the account's addresses.
 *
 * @param {string} path
 * @param {unknown} [value] what to send, a picture as it is; without one the address is read
 * @returns {Promise<any>}
 */
export async function askAccount(path, value) {
  const token = /** @type {HTMLInputElement | null} */ (
    document.querySelector("[name=csrfmiddlewaretoken]")
  );
  const isFile = value instanceof Blob;
  const kind = isFile ? value.type : "application/json";
  const sent = value !== undefined && {
    method: "POST",
    body: isFile ? value : JSON.stringify(value),
    headers: { "Content-Type": kind, "X-CSRFToken": token?.value ?? "" },
  };
  let answer;
  try {
    answer = await fetch(path, { ...sent, redirect: "error" });
  } catch {
    throw new Refused(gettext("The server cannot be reached. Try again."));
  }
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const text = said.detail ?? gettext("That did not work. Reload the page and try again.");
    throw said.proof ? new ProofWanted(text) : new Refused(text);
  }
  return said;
}

/**
 * The browser's own dialog makes a passkey.
 *
 * @param {any} options of the server
 * @returns {Promise<object | null>} the answer for the server; null: it was cancelled
 */
export async function makePasskey(options) {
  const publicKey = {
    ...options,
    challenge: bytesOf(options.challenge),
    user: { ...options.user, id: bytesOf(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map(known),
  };
  return orCancelled(navigator.credentials.create({ publicKey }));
}

/**
 * The browser offers the passkeys that it has, in a dialog, or quietly beside a name field.
 *
 * @param {any} options of the server
 * @param {{ isQuiet?: boolean, signal?: AbortSignal }} [how]
 * @returns {Promise<object | null>} the answer for the server; null: it was cancelled
 */
export async function usePasskey(options, { isQuiet = false, signal } = {}) {
  const publicKey = {
    ...options,
    challenge: bytesOf(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map(known),
  };
  const mediation = isQuiet ? "conditional" : "optional";
  const asked = navigator.credentials.get({ publicKey, mediation, signal });
  // Nobody has chosen anything yet when it fails quietly.
  return isQuiet ? asked.then(answerOf, () => null) : orCancelled(asked);
}

/** @param {Promise<Credential | null>} asked */
async function orCancelled(asked) {
  try {
    return answerOf(await asked);
  } catch (error) {
    const { name = "" } = /** @type {Error} */ (error);
    if (name === "NotAllowedError" || name === "AbortError") {
      return null;
    }
    if (name === "InvalidStateError") {
      throw new Refused(gettext("This device has a passkey for your account already."));
    }
    throw new Refused(gettext("This browser could not do it. Try another browser or device."));
  }
}

/** @param {any} credential */
function answerOf(credential) {
  if (!credential) {
    return null;
  }
  const { id, rawId, type, response, authenticatorAttachment } = credential;
  const parts = [
    "clientDataJSON",
    "attestationObject",
    "authenticatorData",
    "signature",
    "userHandle",
  ];
  const said = parts.filter((part) => response[part]);
  return {
    id,
    rawId: textOf(rawId),
    type,
    authenticatorAttachment,
    clientExtensionResults: {},
    response: Object.fromEntries(said.map((part) => [part, textOf(response[part])])),
  };
}

/** @param {any} descriptor */
function known(descriptor) {
  return { ...descriptor, id: bytesOf(descriptor.id) };
}

/** @param {string} text as base64url */
function bytesOf(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

/** @param {ArrayBuffer} buffer */
function textOf(buffer) {
  const plain = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
