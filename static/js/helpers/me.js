/**
 * Whether this is me: under my id, or one that I had as a guest before I had an account.
 *
 * @param {number} id
 * @param {{ id: number, formerly?: number[] } | null} me
 * @returns {boolean}
 */
export function isMe(id, me) {
  return me !== null && (id === me.id || (me.formerly?.includes(id) ?? false));
}
