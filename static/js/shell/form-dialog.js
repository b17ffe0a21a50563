import { find, make } from "../helpers/dom.js";
import { refusalText } from "./refusals.js";

/**
 * A dialog with a form that the server answers: it closes once that is done. A refusal is shown in the
 * form, and what was typed stays.
 */
export class FormDialog {
  #dialog;
  #form;
  #isBusy = false;

  /**
   * @param {string} selector
   * @param {{ submit: (answers: FormData) => Promise<void>, focusBack: () => void }} parts `submit` throws
   *   what the server refused
   */
  constructor(selector, { submit, focusBack }) {
    this.#dialog = find(document, selector, HTMLDialogElement);
    this.#form = find(this.#dialog, "form", HTMLFormElement);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(submit);
    });
    this.#dialog.addEventListener("close", focusBack);
  }

  get element() {
    return this.#dialog;
  }

  get form() {
    return this.#form;
  }

  /** Empty, as the page came. */
  open() {
    this.#form.reset();
    this.announce("");
    this.#dialog.showModal();
  }

  close() {
    this.#dialog.close();
  }

  /** @param {(answers: FormData) => Promise<void>} submit */
  async #send(submit) {
    if (this.#isBusy) {
      return;
    }
    this.#isBusy = true;
    try {
      await submit(new FormData(this.#form));
      this.close();
    } catch (error) {
      this.announce(refusalText(error));
    } finally {
      this.#isBusy = false;
    }
  }

  /** @param {string} text what is wrong; empty: nothing is */
  announce(text) {
    this.#form.querySelector(".field-error")?.remove();
    if (text) {
      const error = make("p", { className: "field-error", role: "alert" }, text);
      find(this.#form, ".dialog-actions", HTMLElement).before(error);
    }
  }
}
