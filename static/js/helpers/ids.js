/**
 * @returns {string} an id for a message. randomUUID exists on secure pages only; a chatroom on a
 *   home network may be served over plain HTTP.
 */
export function newClientId() {
  if (crypto.randomUUID) {
    return crypto.randomUUID();
  }
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
