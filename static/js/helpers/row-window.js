/** Rows that are made at once; with no more than these, all of them are. */
export const WINDOW_LENGTH = 150;
/** The window is moved when it is scrolled to within so many rows of its end. */
const MARGIN = 40;

/**
 * Which rows of a long list of equal rows are made: those around the place that is scrolled to. The
 * others are blank space of the same height.
 */
export class RowWindow {
  first = 0;
  #rowHeight;

  /** @param {() => number} rowHeight in pixels */
  constructor(rowHeight) {
    this.#rowHeight = rowHeight;
  }

  /**
   * @param {number} count of all rows
   * @returns {{ first: number, last: number, before: number, after: number }} the rows first…last - 1 are
   *   made; `before` and `after`: the blank space around them in pixels
   */
  of(count) {
    this.first = Math.max(0, Math.min(this.first, count - WINDOW_LENGTH));
    const last = Math.min(count, this.first + WINDOW_LENGTH);
    const height = count > WINDOW_LENGTH ? this.#rowHeight() : 0;
    return {
      first: this.first,
      last,
      before: this.first * height,
      after: (count - last) * height,
    };
  }

  /**
   * @param {{ scrollTop: number, clientHeight: number }} place
   * @param {number} count of all rows
   * @returns {boolean} whether other rows are to be made
   */
  follow({ scrollTop, clientHeight }, count) {
    const height = this.#rowHeight() || 1;
    const top = Math.floor(scrollTop / height);
    const bottom = Math.ceil((scrollTop + clientHeight) / height);
    const isWithin =
      (this.first === 0 || top >= this.first + MARGIN) &&
      (this.first + WINDOW_LENGTH >= count || bottom <= this.first + WINDOW_LENGTH - MARGIN);
    return !isWithin && this.#moveTo(Math.floor((top + bottom) / 2), count);
  }

  /**
   * @param {number} index of a row that is to be made
   * @param {number} count of all rows
   * @returns {boolean} whether other rows are to be made
   */
  reach(index, count) {
    const isWithin = index >= this.first && index < this.first + WINDOW_LENGTH;
    return !isWithin && this.#moveTo(index, count);
  }

  /**
   * @param {number} middle
   * @param {number} count
   */
  #moveTo(middle, count) {
    const before = this.first;
    const wanted = middle - Math.floor(WINDOW_LENGTH / 2);
    this.first = Math.max(0, Math.min(wanted, count - WINDOW_LENGTH));
    return this.first !== before;
  }
}
