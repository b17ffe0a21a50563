import { fillAvatar, find, make, roomPath } from "./dom.js";
import { isOnlyEmoji } from "./emoji.js";
import { withLinks } from "./links.js";
import { markupOf, nodesOf } from "./markup.js";
import { mentions } from "./text.js";
import { clockTime, fullTime } from "./time.js";

/** @import { MemberRef, Message, Reaction } from "../protocol.js" */
/** @import { Entry } from "../models/outbox.js" */

/** A quote shows this much of what was said. Characters. */
const QUOTE_LENGTH = 120;

/**
 * Reads back a message that the server wrote into the page.
 *
 * @param {HTMLElement} row
 * @returns {Message}
 */
export function readMessage(row) {
  const { id, seq, updatedSeq, author, clientId, editedAt, replyTo, body } = row.dataset;
  const deleted = row.classList.contains("is-deleted");
  const shown = find(row, ".message-body", HTMLElement);
  const reactions = [...row.querySelectorAll(".reaction")].map(readReaction);
  return {
    id: id ?? "",
    seq: Number(seq),
    updated_seq: Number(updatedSeq),
    author: {
      id: Number(author),
      name: find(row, ".message-author", HTMLElement).textContent ?? "",
    },
    body: deleted ? "" : (body ?? shown.textContent ?? ""),
    // Where the row bears the text as it was typed, what it shows is rendered Markdown.
    ...(body !== undefined && !deleted && { html: markupOf(shown) }),
    created_at: find(row, "time", HTMLTimeElement).dateTime,
    client_id: clientId ?? "",
    ...(editedAt && { edited_at: editedAt }),
    ...(deleted && { deleted }),
    ...(replyTo && { reply_to: Number(replyTo) }),
    ...(reactions.length > 0 && { reactions }),
  };
}

/**
 * @param {Element} button
 * @returns {Reaction}
 */
function readReaction(button) {
  const { emoji = "", members = "" } = /** @type {HTMLElement} */ (button).dataset;
  return {
    emoji,
    members: members.split("\n").map((line) => {
      const [id = "", ...name] = line.split(" ");
      return { id: Number(id), name: name.join(" ") };
    }),
  };
}

/**
 * @typedef {{ startsGroup: boolean, source: Message | undefined }} Surroundings
 *   `source`: the message replied to, if it is at hand
 */

/**
 * @param {HTMLElement} row
 * @param {Message} message
 * @param {Surroundings & { me: MemberRef | null, canAct: boolean }} surroundings
 */
export function fillMessage(row, message, { me, startsGroup, source, canAct }) {
  const { author, body, seq } = message;
  row.id = `m${seq}`;
  row.dataset.seq = String(seq);
  fillHead(row, author, startsGroup);
  fillTime(row, message.created_at, seq);
  fillQuote(row, message.reply_to, source);
  if (message.deleted) {
    fillBody(row, "Message deleted");
  } else {
    fillBody(row, body, message.html);
  }
  row.classList.toggle("is-deleted", message.deleted === true);
  row.classList.toggle("is-mine", author.id === me?.id);
  row.classList.toggle("is-emoji", !message.deleted && isOnlyEmoji(body));
  row.classList.toggle(
    "mentions-me",
    me !== null && author.id !== me.id && mentions(body, me.name),
  );
  row.classList.remove("is-pending", "is-failed");
  find(row, ".message-edited", HTMLElement).hidden = !message.edited_at || message.deleted === true;
  find(row, ".delivery", HTMLElement).hidden = true;
  fillReactions(row, message.reactions ?? [], me);
  const actions = find(row, ".message-actions", HTMLButtonElement);
  actions.hidden = !canAct;
  actions.setAttribute("aria-label", `Actions for the message of ${author.name}`);
}

/**
 * @param {HTMLElement} row
 * @param {Entry} entry
 * @param {Surroundings & { me: MemberRef }} surroundings
 */
export function fillPending(row, entry, { me, startsGroup, source }) {
  row.removeAttribute("id");
  fillHead(row, me, startsGroup);
  fillTime(row, entry.committed, entry.seq);
  fillQuote(row, entry.reply_to, source);
  fillBody(row, entry.body);
  const failed = entry.state === "failed";
  row.classList.add("is-mine");
  row.classList.toggle("is-pending", entry.state === "waiting" || entry.state === "sending");
  row.classList.toggle("is-failed", failed);
  row.classList.toggle("is-emoji", isOnlyEmoji(entry.body));
  find(row, ".message-actions", HTMLButtonElement).hidden = true;
  const delivery = find(row, ".delivery", HTMLElement);
  delivery.hidden = entry.state === "accepted";
  delivery.replaceChildren(make("span", {}, progressOf(entry)), ...choicesFor(entry));
}

/** @param {Entry} entry */
function progressOf({ state, why }) {
  switch (state) {
    case "failed":
      return `Not sent. ${why ?? ""} `;
    case "sending":
      return "Sending… ";
    default:
      return "Waiting to be sent ";
  }
}

/**
 * What is sent at once offers nothing; what takes long can be had back.
 *
 * @param {Entry} entry
 */
function choicesFor({ client_id, state, isSlow }) {
  /** @type {[string, string][]} */
  const choices = [];
  if (state === "failed") {
    choices.push(["Retry", "retry"]);
  }
  if (state === "failed" || isSlow) {
    choices.push(["Edit", "edit"], ["Discard", "discard"]);
  }
  return choices.map(([label, choice]) => {
    const button = make("button", { type: "button", className: "button is-small" }, label);
    button.dataset.choice = choice;
    button.dataset.clientId = client_id;
    return button;
  });
}

/**
 * @param {HTMLElement} row
 * @param {MemberRef} author
 * @param {boolean} startsGroup
 */
function fillHead(row, author, startsGroup) {
  row.classList.toggle("starts-group", startsGroup);
  fillAvatar(find(row, ".avatar", HTMLElement), author);
  find(row, ".message-author", HTMLElement).textContent = author.name;
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
 */
function fillQuote(row, seq, source) {
  const quote = find(row, ".message-quote", HTMLAnchorElement);
  quote.hidden = seq === undefined;
  if (seq !== undefined) {
    quote.href = `#m${seq}`;
    find(quote, ".message-quote-author", HTMLElement).textContent = source?.author.name ?? "";
    find(quote, ".message-quote-text", HTMLElement).textContent = quoted(source);
  }
}

/** @param {Message | undefined} source */
export function quoted(source) {
  if (source === undefined) {
    return "In reply to an earlier message";
  }
  if (source.deleted) {
    return "Message deleted";
  }
  const start = Array.from(source.body).slice(0, QUOTE_LENGTH);
  return start.join("") + (start.length < QUOTE_LENGTH ? "" : "…");
}

/**
 * @param {HTMLElement} row
 * @param {string} text
 * @param {string | undefined} html the same, rendered
 */
function fillBody(row, text, html = undefined) {
  const body = find(row, ".message-body", HTMLElement);
  const wasRich = body.classList.contains("is-rich");
  body.classList.toggle("is-rich", html !== undefined);
  if (html !== undefined) {
    body.replaceChildren(nodesOf(html));
  } else if (wasRich || body.textContent !== text || text.includes("://")) {
    body.replaceChildren(...withLinks(text));
  }
}

/**
 * @param {HTMLElement} row
 * @param {Reaction[]} reactions
 * @param {MemberRef | null} me
 */
function fillReactions(row, reactions, me) {
  const list = find(row, ".reactions", HTMLElement);
  list.hidden = reactions.length === 0;
  list.replaceChildren(
    ...reactions.map(({ emoji, members }) => {
      const names = members.map(({ name }) => name).join(", ");
      const button = make(
        "button",
        { type: "button", className: "reaction", title: names, disabled: me === null },
        make("span", {}, emoji),
        ` ${members.length}`,
      );
      button.dataset.emoji = emoji;
      button.ariaPressed = String(members.some(({ id }) => id === me?.id));
      button.ariaLabel = `${emoji} ${members.length}: ${names}`;
      return make("li", {}, button);
    }),
  );
}
