import { fillAvatar, find, placeInOrder, roomPath } from "./dom.js";
import { isOnlyEmoji } from "./emoji.js";
import { gettext, interpolate } from "./i18n.js";
import { withLinks } from "./links.js";
import { nodesOf } from "./markup.js";
import { isMe } from "./me.js";
import { EVERYONE, pillMentions } from "./mentions.js";
import { quoted } from "./message-dom.js";
import { fillNotes } from "./message-notes.js";
import { mentions } from "./text.js";
import { clockTime, fullTime } from "./time.js";

/** @import { MemberRef, Message, Reaction } from "../protocol.js" */
/** @import { Entry } from "../models/outbox.js" */
/** @import { KnownNames } from "../models/known-names.js" */
/** @import { Note } from "./message-notes.js" */

/**
 * @typedef {Pick<Message, "author" | "body"> & Partial<Message>} Said A message, or what is on its way
 *   to be one: that has no number and no time yet.
 * @typedef {{
 *   me: MemberRef | null, names: KnownNames, startsGroup: boolean, source: Message | undefined,
 *   canAct: boolean, notes: Note[], isPending: boolean,
 * }} Surroundings `source`: the message replied to, if it is at hand
 */

/**
 * @param {Entry} entry
 * @param {MemberRef} me
 * @returns {Said}
 */
export function saidBy({ body, reply_to, seq, committed }, me) {
  return {
    author: me,
    body,
    ...(reply_to !== undefined && { reply_to }),
    ...(seq !== undefined && { seq }),
    ...(committed !== undefined && { created_at: committed }),
  };
}

/**
 * Fills the markup of `_message.html`: the only way a row gets its content here.
 *
 * @param {HTMLElement} row
 * @param {Said} said
 * @param {Surroundings & { reaction: HTMLElement }} surroundings `reaction`: its markup
 */
export function fillRow(row, said, surroundings) {
  const { me, names, startsGroup, source, canAct, notes, isPending, reaction } = surroundings;
  const { author, body, deleted = false } = said;
  const author_ = { ...author, name: names.of(author) };
  fillNumber(row, isPending ? undefined : said.seq);
  fillHead(row, author_, startsGroup);
  fillTime(row, said.created_at, said.seq);
  fillQuote(row, said.reply_to, source, names);
  fillBody(row, said, { names, me });
  fillReactions(find(row, ".reactions", HTMLElement), said.reactions ?? [], {
    me,
    names,
    reaction,
  });
  pressMine(row);
  fillNotes(find(row, ".delivery", HTMLElement), notes);
  find(row, ".message-edited", HTMLElement).hidden = !said.edited_at || deleted;
  row.classList.toggle("is-deleted", deleted);
  row.classList.toggle("is-mine", isMe(author.id, me));
  row.classList.toggle("is-emoji", !deleted && isOnlyEmoji(body));
  row.classList.toggle("mentions-me", callsMe(said, me));
  row.classList.toggle("is-pending", isPending && !notes.some(({ isFailed }) => isFailed));
  row.classList.toggle(
    "is-failed",
    notes.some(({ isFailed }) => isFailed),
  );
  row.classList.toggle("is-changing", !isPending && notes.some(({ isFailed }) => !isFailed));
  find(row, ".message-toolbar", HTMLElement).hidden = !canAct;
  find(row, ".message-actions", HTMLElement).ariaLabel = interpolate(
    gettext("Actions for the message of {name}"),
    { name: author_.name },
  );
}

/**
 * @param {Said} said
 * @param {MemberRef | null} me
 */
function callsMe({ author, body, deleted, mentions: called }, me) {
  if (me === null || isMe(author.id, me) || deleted) {
    return false;
  }
  return called
    ? called.some(({ id }) => isMe(id, me) || id === EVERYONE)
    : mentions(body, me.name);
}

/**
 * @param {HTMLElement} row
 * @param {number | undefined} seq
 */
function fillNumber(row, seq) {
  if (seq === undefined) {
    row.removeAttribute("id");
  } else {
    row.id = `m${seq}`;
    row.dataset.seq = String(seq);
  }
}

/**
 * @param {HTMLElement} row
 * @param {MemberRef} author
 * @param {boolean} startsGroup
 */
function fillHead(row, author, startsGroup) {
  row.classList.toggle("starts-group", startsGroup);
  fillAvatar(find(row, ".avatar", HTMLElement), author);
  const name = find(row, ".message-author", HTMLElement);
  name.textContent = author.name;
  name.dataset.member = String(author.id);
}

/**
 * The clock time appears only when the server has the message.
 *
 * @param {HTMLElement} row
 * @param {string | undefined} iso
 * @param {number | undefined} seq
 */
function fillTime(row, iso, seq) {
  const link = find(row, ".message-when", HTMLAnchorElement);
  link.hidden = iso === undefined;
  if (iso !== undefined) {
    const time = find(row, "time", HTMLTimeElement);
    time.dateTime = iso;
    time.textContent = clockTime(new Date(iso));
    time.title = fullTime(new Date(iso));
    link.href = `${roomPath()}${seq}/`;
  }
}

/**
 * @param {HTMLElement} row
 * @param {number | undefined} seq
 * @param {Message | undefined} source
 * @param {KnownNames} names
 */
function fillQuote(row, seq, source, names) {
  const quote = find(row, ".message-quote", HTMLAnchorElement);
  quote.hidden = seq === undefined;
  if (seq !== undefined) {
    quote.href = `#m${seq}`;
    const author = source ? names.of(source.author) : "";
    find(quote, ".message-quote-author", HTMLElement).textContent = author;
    find(quote, ".message-quote-text", HTMLElement).textContent = quoted(source);
  }
}

/**
 * A body that stays the same keeps its nodes: what is selected in it, the focus of a link, a press
 * that is under way.
 *
 * @param {HTMLElement} row
 * @param {Said} said
 * @param {{ names: KnownNames, me: MemberRef | null }} known
 */
function fillBody(row, said, known) {
  const box = find(row, ".message-body", HTMLElement);
  const { deleted, html, body } = said;
  const isRich = html !== undefined && !deleted;
  box.classList.toggle("is-rich", isRich);
  const filled = /** @type {HTMLElement} */ (box.cloneNode());
  if (deleted) {
    filled.textContent = gettext("Message deleted");
  } else {
    filled.append(...(isRich ? [nodesOf(html)] : withLinks(body)));
    pillMentions(filled, said, known);
  }
  if (!filled.isEqualNode(box)) {
    box.replaceChildren(...filled.childNodes);
  }
}

/**
 * A reaction that stays keeps its element, and with it the focus of who uses the keyboard.
 *
 * @param {HTMLElement} list
 * @param {Reaction[]} reactions
 * @param {{ me: MemberRef | null, names: KnownNames, reaction: HTMLElement }} known
 */
function fillReactions(list, reactions, { reaction, ...known }) {
  list.hidden = reactions.length === 0;
  const wanted = new Set(reactions.map(({ emoji }) => emoji));
  /** @type {Map<string, Element>} */
  const held = new Map();
  for (const item of [...list.children]) {
    const { emoji = "" } = find(item, ".reaction", HTMLElement).dataset;
    if (wanted.has(emoji)) {
      held.set(emoji, item);
    } else {
      item.remove();
    }
  }
  const items = reactions.map((one) => {
    const item = held.get(one.emoji) ?? /** @type {Element} */ (reaction.cloneNode(true));
    fillReaction(item, one, known);
    return item;
  });
  placeInOrder(list, items);
}

/**
 * @param {Element} item
 * @param {Reaction} reaction
 * @param {{ me: MemberRef | null, names: KnownNames }} known
 */
function fillReaction(item, { emoji, members }, { me, names }) {
  const button = find(item, ".reaction", HTMLButtonElement);
  const listed = members.map((member) => names.of(member)).join(", ");
  find(item, ".reaction-emoji", HTMLElement).textContent = emoji;
  find(item, ".reaction-count", HTMLElement).textContent = String(members.length);
  button.dataset.emoji = emoji;
  button.disabled = false;
  if (me) {
    button.ariaPressed = String(members.some(({ id }) => id === me.id));
  } else {
    // A visitor has nothing to set: it leads to the people behind it.
    button.ariaHasPopup = "dialog";
  }
  button.ariaLabel = `${emoji} ${members.length}: ${listed}`;
}

/** @param {Element} row whose toolbar says, if it is open, which of its reactions are mine already */
export function pressMine(row) {
  for (const button of row.querySelectorAll(".toolbar-react")) {
    const { emoji = "" } = /** @type {HTMLElement} */ (button).dataset;
    const held = row.querySelector(`.reaction[data-emoji="${CSS.escape(emoji)}"]`);
    button.ariaPressed = held?.getAttribute("aria-pressed") ?? "false";
  }
}
