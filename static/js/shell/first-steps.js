import { find, on } from "../helpers/dom.js";
import { openStorage } from "../helpers/storage.js";

/** @import { RoomDirectory } from "../models/room-directory.js" */
/** @import { CurrentRoom } from "./current-room.js" */

/** @typedef {{ rooms: boolean, people: boolean, name: boolean }} StepsDone */

/** In the browser's storage: the owner does not want to be told any more. */
const DISMISSED = "first-steps-dismissed";

/** What the site's owner does first, above the talk: until it is done, or dismissed in this browser. */
export class FirstSteps {
  #parts;
  #section = find(document, ".first-steps", HTMLElement);
  #storage = openStorage();

  /**
   * @param {{
   *   firstSteps: StepsDone | null, directory: RoomDirectory, current: CurrentRoom,
   *   focusBack: () => void,
   * }} parts `firstSteps`: null for everyone but the owner, and when all are done
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const { firstSteps, directory, current } = this.#parts;
    if (!firstSteps || this.#storage.getItem(DISMISSED)) {
      return;
    }
    this.#press('[data-step="rooms"]', () => find(document, "#new-room-button", HTMLElement));
    this.#press('[data-step="people"]', () =>
      find(document, "#room-menu [data-dialog=invite]", HTMLElement),
    );
    find(this.#section, ".first-steps-close", HTMLElement).addEventListener("click", () => {
      this.#storage.setItem(DISMISSED, "1");
      this.#section.hidden = true;
      this.#parts.focusBack();
    });
    on(directory, "change", () => this.#draw(firstSteps));
    current.follow(({ roster }, signal) => {
      on(roster, "change", () => this.#draw(firstSteps), signal);
    });
    this.#draw(firstSteps);
  }

  /** @param {StepsDone} steps as far as the server knew them; the page sees some being done */
  #draw(steps) {
    const { directory, current } = this.#parts;
    steps.rooms ||= directory.all.some(({ key, kind }) => key !== "lobby" && kind !== "direct");
    steps.people ||= current.session.roster.count > 1;
    for (const [step, isDone] of Object.entries(steps)) {
      const item = find(this.#section, `[data-item="${step}"]`, HTMLElement);
      item.classList.toggle("is-done", isDone);
      find(item, ".first-step-done", HTMLElement).hidden = !isDone;
    }
    const isAll = Object.values(steps).every(Boolean);
    this.#section.hidden = isAll || this.#storage.getItem(DISMISSED) !== null;
  }

  /**
   * @param {string} selector of a button here
   * @param {() => HTMLElement} target what it stands for
   */
  #press(selector, target) {
    const button = find(this.#section, selector, HTMLElement);
    button.addEventListener("click", () => target().click());
  }
}
