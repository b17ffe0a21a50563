/** What there is to know before writing here: a lock, slow mode, a mute. */
export class RoomNotice extends HTMLElement {
  /** @param {string} text empty: nothing */
  show(text) {
    this.hidden = text === "";
    if (this.textContent !== text) {
      this.textContent = text;
    }
  }
}
