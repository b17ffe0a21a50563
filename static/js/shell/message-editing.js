import { MessageEditor } from "../elements/message-editor.js";
import { find, on } from "../helpers/dom.js";
import { gettext } from "../helpers/i18n.js";
import { newClientId } from "../helpers/ids.js";
import { isMe } from "../helpers/me.js";
import { keyOf } from "../models/message-grouping.js";
import { isUnsent } from "../models/stored-queue.js";

/** @import { MessageComposer } from "../elements/message-composer.js" */
/** @import { MessageList } from "../elements/message-list.js" */
/** @import { Notices } from "../helpers/notices.js" */
/** @import { Edit } from "../models/drafts.js" */
/** @import { RoomSession } from "../models/room-session.js" */
/** @import { MemberRef, Message } from "../protocol.js" */
/** @import { CurrentRoom } from "./current-room.js" */

/**
 * A message of mine is edited in its row, whether it was sent or waits to be. What is written survives
 * a reload, another room on the screen, and the end of the message.
 */
export class MessageEditing {
  #parts;
  /** @type {{ editor: MessageEditor, edit: Edit, session: RoomSession } | null} */
  #open = null;

  /**
   * @param {{
   *   me: MemberRef, current: CurrentRoom, list: MessageList, composer: MessageComposer,
   *   notices: Notices, limit: number,
   * }} parts `limit`: of a message, in characters
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const { current, list, composer } = this.#parts;
    // Once the list is drawn: an edit goes on in its row.
    queueMicrotask(() => current.follow((session, signal) => this.#resume(session, signal)));
    on(current, "leave", () => this.#close());
    on(composer, "edit-last-wanted", () => this.#editLast());
    on(list, "editor-typed", (text) => this.#keep(text));
    on(list, "editor-saved", (text) => this.#save(text));
    on(list, "editor-cancelled", () => this.#cancel());
    on(list, "outbox-choice", ({ choice, id }) => choice === "edit" && this.beginPending(id));
    on(list, "changes-choice", ({ choice, id }) => choice === "edit" && this.#beginAgain(id));
  }

  /** @param {Message} message of mine, as it is shown */
  begin({ seq, body, client_id }) {
    this.#begin({ seq, client_id, text: body });
  }

  /** @param {string} client_id of a message on its way; if it waits, it is not sent meanwhile */
  beginPending(client_id) {
    const { outbox } = this.#parts.current.session;
    const entry = outbox.get(client_id);
    if (entry && this.#begin({ seq: 0, client_id, text: entry.body }) && isUnsent(entry)) {
      outbox.hold(client_id);
    }
  }

  /** @param {string} id of an edit that was refused */
  #beginAgain(id) {
    const { changes, timeline } = this.#parts.current.session;
    const change = changes.get(id);
    const message = change && timeline.at(change.seq);
    if (message && change.kind === "edit") {
      this.#begin({ seq: change.seq, client_id: message.client_id, text: change.body });
    }
  }

  /** The last thing I said, even if it waits still. */
  #editLast() {
    const { current, list, me } = this.#parts;
    const { outbox, timeline } = current.session;
    // The server may have the last one, and the timeline not yet.
    const onItsWay =
      outbox.entries.findLast(({ state }) => state !== "accepted") ?? outbox.entries.at(-1);
    const last = timeline.messages.findLast(
      ({ seq, author }) => isMe(author.id, me) && !list.shown(seq)?.deleted,
    );
    if (onItsWay) {
      this.beginPending(onItsWay.client_id);
    } else if (last) {
      this.begin(/** @type {Message} */ (list.shown(last.seq)));
    }
  }

  /**
   * @param {Edit} edit
   * @returns {boolean} not while something else is edited: nothing that was written is lost
   */
  #begin(edit) {
    const { current, list, me, limit, notices } = this.#parts;
    const { session } = current;
    if (this.#open) {
      this.#open.editor.focus();
      if (this.#open.edit.client_id !== edit.client_id) {
        notices.toast(gettext("Save or cancel this edit first."));
      }
      return false;
    }
    const editor = newEditor(list);
    this.#open = { editor, edit, session };
    session.drafts.keepEdit(edit);
    editor.open(edit.text, limit);
    // What I said as a guest stands under another id.
    const author = session.timeline.at(edit.seq)?.author.id ?? me.id;
    list.edit(keyOf(author, edit.client_id), editor);
    if (!editor.isConnected && edit.seq) {
      list.toMessage(edit.seq);
    }
    this.#mindDeletion();
    return true;
  }

  /**
   * The page was loaded anew, or another room was shown, while something was being edited.
   *
   * @param {RoomSession} session
   * @param {AbortSignal} signal
   */
  #resume(session, signal) {
    const { composer } = this.#parts;
    const { timeline, outbox, drafts } = session;
    timeline.addEventListener("change", () => this.#mindDeletion(), { signal });
    if (!timeline.isLoaded) {
      const again = () => this.#resume(session, signal);
      timeline.addEventListener("change", again, { once: true, signal });
      return;
    }
    const edit = drafts.edit;
    const message = edit && (timeline.at(edit.seq) ?? this.#sent(session, edit));
    if (edit && (message || outbox.holds(edit.client_id))) {
      this.#begin(message ? { ...edit, ...identity(message) } : edit);
    } else if (edit) {
      drafts.keepEdit(null);
      composer.revise(edit.text);
    }
  }

  /** @param {string} text so far */
  #keep(text) {
    if (this.#open) {
      const { session, edit } = this.#open;
      session.drafts.keepEdit({ ...edit, text });
    }
  }

  /** @param {string} text */
  #save(text) {
    if (!this.#open) {
      return;
    }
    const { session, edit, editor } = this.#open;
    const { isLost } = editor;
    this.#close();
    session.drafts.keepEdit(null);
    if (isLost) {
      session.outbox.add({ client_id: newClientId(), body: text });
      this.#parts.list.toEnd();
    } else {
      this.#change(session, edit, text);
    }
    session.sendAll();
    this.#parts.composer.focus();
  }

  /**
   * @param {RoomSession} session
   * @param {Edit} edit
   * @param {string} text
   */
  #change(session, { seq, client_id }, text) {
    const { timeline, changes, outbox } = session;
    const message = timeline.at(seq) ?? this.#sent(session, { client_id });
    // Accepted, the timeline does not show it yet: it has a number too.
    const entry = outbox.get(client_id);
    const number = message?.seq ?? entry?.seq;
    const before = message ? changes.applied(message).body : entry?.body;
    if (number === undefined) {
      outbox.revise(client_id, { client_id: newClientId(), body: text });
    } else if (before !== text) {
      session.want({ kind: "edit", seq: number, body: text });
    }
  }

  #cancel() {
    if (!this.#open) {
      return;
    }
    const { session, edit } = this.#open;
    this.#close();
    session.drafts.keepEdit(null);
    session.outbox.release(edit.client_id);
    session.sendAll();
    this.#parts.composer.focus();
  }

  /** The row is itself again; the draft stays. */
  #close() {
    this.#open = null;
    this.#parts.list.edit(null);
  }

  /** What is edited may have been deleted by now. */
  #mindDeletion() {
    const { list, notices } = this.#parts;
    const { editor, edit, session } = this.#open ?? {};
    const message = session && edit && session.timeline.at(edit.seq);
    if (editor && message?.deleted && !editor.isLost) {
      editor.lose();
      list.refresh();
      notices.announce(gettext("The message that you are editing was deleted."));
    }
  }

  /**
   * @param {RoomSession} session
   * @param {{ client_id: string }} edit of a message that waited
   * @returns {Message | undefined} the message, if it was sent after all
   */
  #sent({ timeline }, { client_id }) {
    const { me } = this.#parts;
    return timeline.messages.findLast(
      (message) => isMe(message.author.id, me) && message.client_id === client_id,
    );
  }
}

/** @param {Message} message */
function identity({ seq, client_id }) {
  return { seq, client_id };
}

/** @param {MessageList} list */
function newEditor(list) {
  const { content } = find(list, "template", HTMLTemplateElement);
  const markup = find(content, "message-editor", HTMLElement);
  return /** @type {MessageEditor} */ (document.importNode(markup, true));
}
