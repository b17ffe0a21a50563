import { EmojiPicker } from "../elements/emoji-picker.js";
import { MessageMenu } from "../elements/message-menu.js";
import { copyText } from "../helpers/clipboard.js";
import { find, on } from "../helpers/dom.js";
import { gettext } from "../helpers/i18n.js";
import { isMe } from "../helpers/me.js";
import { quoted } from "../helpers/message-dom.js";
import { showDialog } from "./dialogs.js";

/** @import { Message } from "../protocol.js" */
/** @import { MessageComposer } from "../elements/message-composer.js" */
/** @import { MessageList } from "../elements/message-list.js" */
/** @import { Notices } from "../helpers/notices.js" */
/** @import { MemberRef } from "../protocol.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { MessageEditing } from "./message-editing.js" */

/**
 * @typedef {{
 *   label: string, isDanger?: boolean, isAvailable: (message: Message) => boolean,
 *   run: (message: Message, origin: HTMLElement) => void,
 * }} Action What can be done with a message. `isAvailable`: whether its menu offers it.
 */

/**
 * What a member does with a message, by its menu or its reactions. Other parts push more actions to the
 * list that they all are given.
 */
export class MessageActions {
  #parts;
  #menu = find(document, "message-menu", MessageMenu);
  #picker = find(document, "#pick-emoji", HTMLDialogElement);

  /**
   * @param {{
   *   me: MemberRef, current: CurrentRoom, list: MessageList, composer: MessageComposer,
   *   editing: MessageEditing, actions: Action[], notices: Notices,
   * }} parts `actions`: in the order of the menu
   */
  constructor(parts) {
    this.#parts = parts;
    const { composer, editing, me } = parts;
    /** @param {Message} message */
    const everyone = ({ deleted }) => !deleted;
    /** @param {Message} message */
    const author = ({ author, deleted }) => isMe(author.id, me) && !deleted;
    parts.actions.push(
      {
        label: gettext("Reply"),
        isAvailable: everyone,
        run: (message) => composer.reply(message, quoted(message)),
      },
      {
        label: gettext("Another emoji…"),
        isAvailable: everyone,
        run: (message) => this.#pickEmoji(message),
      },
      { label: gettext("Edit"), isAvailable: author, run: (message) => editing.begin(message) },
      {
        label: gettext("Copy text"),
        isAvailable: everyone,
        run: (message) => this.#copyText(message),
      },
      {
        label: gettext("Copy link"),
        isAvailable: everyone,
        run: (message) => this.#copyLink(message),
      },
      {
        label: gettext("Delete…"),
        isDanger: true,
        isAvailable: author,
        run: (message) => this.#delete(message),
      },
    );
  }

  connect() {
    const { list, actions, me, composer } = this.#parts;
    on(list, "actions-wanted", ({ message, button, isSheet }) => {
      const suitable = actions.filter(({ isAvailable }) => isAvailable(message));
      this.#menu.offer(message, { actions: suitable, me: me.id, origin: button, isSheet });
    });
    on(list, "reply-wanted", ({ message }) => composer.reply(message, quoted(message)));
    on(list, "emoji-wanted", ({ message }) => this.#pickEmoji(message));
    for (const source of [list, this.#menu]) {
      on(source, "reaction-set", (reaction) => this.#react(reaction));
    }
    on(this.#picker, "emoji-chosen", (emoji) => this.#picker.close(emoji));
  }

  /** @param {{ message: Message, emoji: string, on: boolean }} reaction */
  #react({ message, emoji, on }) {
    this.#parts.current.session.want({ kind: "reaction", seq: message.seq, emoji, on });
  }

  /** @param {Message} message */
  #delete(message) {
    const dialog = showDialog(
      "#confirm-delete",
      () => this.#parts.composer.focus(),
      (answer) => {
        if (answer === "delete") {
          this.#parts.current.session.want({ kind: "delete", seq: message.seq });
        }
      },
    );
    find(dialog, ".dialog-subject", HTMLElement).textContent = quoted(message);
  }

  /** @param {Message} message as it was typed */
  async #copyText({ body }) {
    const isCopied = await copyText(body);
    this.#parts.notices.toast(
      isCopied
        ? gettext("Text copied.")
        : gettext("Your browser does not let this page copy. Select the text and press Ctrl + C."),
    );
  }

  /** @param {Message} message */
  async #copyLink(message) {
    const { current, notices } = this.#parts;
    const link = `${location.origin}${current.session.address}${message.seq}/`;
    if (await copyText(link)) {
      notices.toast(gettext("Link copied."));
    } else {
      // Where it can be copied from by hand.
      history.replaceState(null, "", link);
      notices.toast(gettext("The link is in the address bar."));
    }
  }

  /** @param {Message} message */
  #pickEmoji(message) {
    showDialog(
      "#pick-emoji",
      () => this.#parts.composer.focus(),
      (emoji) => {
        if (emoji) {
          this.#react({ message, emoji, on: true });
        }
      },
    );
    find(this.#picker, "emoji-picker", EmojiPicker).reset();
  }
}
