import { make } from "./dom.js";
import { isMe } from "./me.js";
import { callsIn } from "./text.js";

/** @import { MemberRef, Mention, Message } from "../protocol.js" */
/** @import { KnownNames } from "../models/known-names.js" */

/** Where nobody is called. */
const SILENT = "a, code, pre";
/** Stands for everyone where a member's id is expected. */
export const EVERYONE = 0;

/**
 * Puts each call of a known name into a pill that shows the name of today. The server says who is
 * meant by `mentions`; where it does not, the names that this page knows are looked for.
 *
 * @param {Node} body of a message
 * @param {Partial<Pick<Message, "mentions" | "author">>} message
 * @param {{ names: KnownNames, me: MemberRef | null }} known
 */
export function pillMentions(body, { mentions, author }, known) {
  if (!body.textContent?.includes("@")) {
    return;
  }
  /** @type {Mention[]} */
  const called = mentions ?? known.names.members;
  /** By what stands after the at sign. */
  const byText = new Map(called.map((one) => [one.text ?? one.name, one]));
  const areKnown = mentions !== undefined;
  const isMine = author !== undefined && isMe(author.id, known.me);
  for (const text of spokenTexts(body)) {
    const parts = inParts(text.data, byText, areKnown, (member) => pill(member, known, isMine));
    if (parts.length > 1 || typeof parts[0] !== "string") {
      text.replaceWith(...parts);
    }
  }
}

/**
 * @param {Node} body
 * @returns {Text[]} the texts in which someone may be called
 */
function spokenTexts(body) {
  const texts = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const spoken = [];
  for (let node = texts.nextNode(); node; node = texts.nextNode()) {
    if (!node.parentElement?.closest(SILENT)) {
      spoken.push(/** @type {Text} */ (node));
    }
  }
  return spoken;
}

/**
 * @param {string} text
 * @param {Map<string, MemberRef>} byText
 * @param {boolean} areKnown
 * @param {(member: MemberRef) => Node} pillOf
 * @returns {(string | Node)[]}
 */
function inParts(text, byText, areKnown, pillOf) {
  const parts = [];
  let end = 0;
  for (const [from, to, called] of callsIn(text, [...byText.keys()], { areKnown })) {
    parts.push(text.slice(end, from), pillOf(/** @type {MemberRef} */ (byText.get(called))));
    end = to;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== "");
}

/**
 * @param {MemberRef} member
 * @param {{ names: KnownNames, me: MemberRef | null }} known
 * @param {boolean} isMine whether I wrote the message
 */
function pill(member, { names, me }, isMine) {
  const isEveryone = member.id === EVERYONE;
  const callsMe = isMe(member.id, me) || (isEveryone && me !== null && !isMine);
  const made = make("span", { className: callsMe ? "mention is-me" : "mention" });
  made.textContent = `@${isEveryone ? member.name : names.of(member)}`;
  if (!isEveryone) {
    // The page asks for their name of now, and hears of the next one, wherever they are.
    made.dataset.face = String(member.id);
  }
  if (me && !isEveryone) {
    // It opens the card of the one who is called.
    made.dataset.member = String(member.id);
    made.role = "button";
    made.ariaHasPopup = "dialog";
    made.tabIndex = -1;
  }
  return made;
}
