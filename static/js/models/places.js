/**
 * Where one can jump to: a room, or someone who is here.
 *
 * @typedef {{ kind: "room", key: string, name: string, isPrivate?: boolean, isUnread?: boolean }} RoomPlace
 * @typedef {{ kind: "person", id: number, name: string }} PersonPlace
 * @typedef {RoomPlace | PersonPlace} Place
 */

/** More than this are not read. */
const MOST_SHOWN = 12;

/**
 * What fits to what was typed: names that begin with it, names with a word that begins with it, then
 * names that contain it; within each in the order of the list, what is unread first.
 *
 * @param {readonly Place[]} places
 * @param {string} typed
 * @returns {Place[]}
 */
export function matchingPlaces(places, typed) {
  const wanted = folded(typed.trim().replace(/^[#@]/, ""));
  return places
    .map((place, order) => ({ place, order, rank: rankOf(place, wanted) }))
    .filter(({ rank }) => rank < Number.POSITIVE_INFINITY)
    .sort((a, b) => a.rank - b.rank || a.order - b.order)
    .slice(0, MOST_SHOWN)
    .map(({ place }) => place);
}

/**
 * @param {Place} place
 * @param {string} wanted
 */
function rankOf(place, wanted) {
  const name = folded(place.name);
  const read = place.kind === "room" && place.isUnread ? 0 : 0.5;
  if (name.startsWith(wanted)) {
    return read;
  }
  if (name.split(/[\s-]+/).some((word) => word.startsWith(wanted))) {
    return 1 + read;
  }
  return name.includes(wanted) ? 2 + read : Number.POSITIVE_INFINITY;
}

/**
 * @param {string} text
 * @returns {string} without case and accents
 */
function folded(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
