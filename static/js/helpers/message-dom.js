import { find } from "./dom.js";
import { gettext } from "./i18n.js";
import { markupOf } from "./markup.js";

/** @import { Mention, Message, Reaction } from "../protocol.js" */

/** A quote shows this much of what was said. Characters. */
const QUOTE_LENGTH = 120;

/**
 * Reads back a message that the server wrote into the page.
 *
 * @param {HTMLElement} row
 * @returns {Message}
 */
export function readMessage(row) {
  const { id, seq, updatedSeq, author, clientId, editedAt, replyTo, body, mentions } = row.dataset;
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
    ...(mentions !== undefined && { mentions: readMentions(mentions) }),
  };
}

/**
 * @param {string} lines
 * @returns {Mention[]}
 */
function readMentions(lines) {
  return lines.split("\n").flatMap((line) => {
    const [id, name = "", text] = line.split("\t");
    return id ? [{ id: Number(id), name, ...(text && { text }) }] : [];
  });
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

/** @param {Message | undefined} source */
export function quoted(source) {
  if (source === undefined) {
    return gettext("In reply to an earlier message");
  }
  if (source.deleted) {
    return gettext("Message deleted");
  }
  const start = Array.from(source.body).slice(0, QUOTE_LENGTH);
  return start.join("") + (start.length < QUOTE_LENGTH ? "" : "…");
}
