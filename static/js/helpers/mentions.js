import { make } from "./dom.js";
import { callsIn } from "./text.js";

/** @import { MemberRef, Message } from "../protocol.js" */
/** @import { KnownNames } from "../models/known-names.js" */

/** Where nobody is called. */
const SILENT = "a, code, pre";

/**
 * Puts each call of a known name into a pill that shows the name of today. The server says who is
 * meant by `mentions`; where it does not, the names that this page knows are looked for.
 *
 * @param {Node} body of a message
 * @param {Pick<Message, "mentions">} message
 * @param {{ names: KnownNames, me: MemberRef | null }} known
 */
export function pillMentions(body, { mentions }, { names, me }) {
  if (!body.textContent?.includes("@")) {
    return;
  }
  const members = mentions ?? names.members;
  /** @type {Map<string, MemberRef>} */
  const byName = new Map(members.map((member) => [member.name, member]));
  const texts = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  /** @type {Text[]} */
  const spoken = [];
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    if (!node.parentElement?.closest(SILENT)) {
      spoken.push(/** @type {Text} */ (node));
    }
  }
  for (const text of spoken) {
    const parts = inParts(text.data, byName, (member) => pill(member, names, me));
    if (parts.length > 1 || typeof parts[0] !== "string") {
      text.replaceWith(...parts);
    }
  }
}

/**
 * @param {string} text
 * @param {Map<string, MemberRef>} byName
 * @param {(member: MemberRef) => Node} pillOf
 * @returns {(string | Node)[]}
 */
function inParts(text, byName, pillOf) {
  const parts = [];
  let end = 0;
  for (const [from, to, name] of callsIn(text, [...byName.keys()])) {
    parts.push(text.slice(end, from), pillOf(/** @type {MemberRef} */ (byName.get(name))));
    end = to;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== "");
}

/**
 * @param {MemberRef} member
 * @param {KnownNames} names
 * @param {MemberRef | null} me
 */
function pill(member, names, me) {
  const className = member.id === me?.id ? "mention is-me" : "mention";
  const made = make("span", { className }, `@${names.of(member)}`);
  made.dataset.member = String(member.id);
  if (me) {
    // It opens the card of the one who is called.
    made.role = "button";
    made.ariaHasPopup = "dialog";
    made.tabIndex = -1;
  }
  return made;
}
