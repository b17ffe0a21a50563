import { emit, find, isComposing, make } from "../helpers/dom.js";
import { isEmoji } from "../helpers/emoji.js";
import { emojiNamed } from "../helpers/emoji-names.js";
import { gettext } from "../helpers/i18n.js";

/** So many are shown for a word. */
const MOST_FOUND = 40;
/** Shown before something is typed. */
const USUAL =
  "😀 😄 😂 🤣 😊 🙂 😉 😍 😘 🤔 😮 😢 😭 😡 🙄 😴 👍 👎 👏 🙏 🙌 💪 👋 🤝 ❤️ 🔥 ✨ 🎉 ✅ ❌ 👀 🚀".split(
    " ",
  );

/**
 * Any emoji: one of the usual ones, by its name, or from the picker of the system. Emits `emoji-chosen`
 * (detail: the emoji).
 */
export class EmojiPicker extends HTMLElement {
  connectedCallback() {
    this.replaceChildren(...parts());
    this.#show(USUAL.map((emoji) => button({ emoji, name: "" })));
    // Not submit buttons: Enter in the field must not press the first of them.
    this.#grid.addEventListener("click", ({ target }) => {
      const button = /** @type {Element} */ (target).closest("button");
      if (button) {
        emit(this, "emoji-chosen", button.value);
      }
    });
    this.#field.addEventListener("input", (event) => {
      // A word that an input method still composes is not typed yet.
      if (!(/** @type {InputEvent} */ (event).isComposing)) {
        this.#input();
      }
    });
    this.#field.addEventListener("compositionend", () => this.#input());
    this.#field.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Anew, for another message. */
  reset() {
    this.#field.value = "";
    this.#input();
    this.#field.focus();
  }

  get #grid() {
    return find(this, ".emoji-grid", HTMLElement);
  }

  get #field() {
    return find(this, "input", HTMLInputElement);
  }

  async #input() {
    const typed = this.#field.value.trim();
    if (isEmoji(typed)) {
      emit(this, "emoji-chosen", typed);
    } else if (typed === "") {
      this.#show(USUAL.map((emoji) => button({ emoji, name: "" })));
    } else {
      const found = await emojiNamed(typed);
      if (typed === this.#field.value.trim()) {
        this.#show(found.slice(0, MOST_FOUND).map(button));
      }
    }
  }

  /** @param {Node[]} buttons */
  #show(buttons) {
    this.#grid.replaceChildren(...buttons);
    find(this, ".emoji-none", HTMLElement).hidden = buttons.length > 0;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key === "Enter" && !isComposing(event)) {
      event.preventDefault();
      if (this.#field.value.trim() !== "") {
        this.#grid.querySelector("button")?.click();
      }
    }
  }
}

function parts() {
  const field = make("input", { className: "field", dir: "auto", maxLength: 32 });
  field.autocomplete = "off";
  field.ariaLabel = gettext("Search emoji by name");
  field.placeholder = gettext("Search, such as heart or party");
  const grid = make("div", { className: "emoji-grid", role: "group" });
  grid.ariaLabel = gettext("Emoji");
  const none = make("p", { className: "emoji-none", role: "status", hidden: true });
  none.textContent = gettext("No emoji has that name. Try another word, such as heart or party.");
  const note = make("p", { className: "dialog-note" });
  note.textContent = gettext(
    "Any emoji of your system works too: Windows + full stop, or Ctrl + Cmd + Space on a Mac.",
  );
  return [field, grid, none, note];
}

/** @param {{ emoji: string, name: string }} named */
function button({ emoji, name }) {
  const made = make("button", { type: "button", className: "emoji" }, emoji);
  made.value = emoji;
  if (name) {
    made.title = name.replaceAll("_", " ");
    made.ariaLabel = `${emoji} ${made.title}`;
  }
  return made;
}
