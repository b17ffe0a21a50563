/** @import { MemberFace, Status } from "../protocol.js" */

/** @typedef {{ ids: number[], isRenamed: boolean }} FacesChange `isRenamed`: someone has another name */

/** How members look now, as far as this page was told. Dispatches `change` (detail: FacesChange). */
export class Faces extends EventTarget {
  /** @type {Map<number, MemberFace>} */
  #held = new Map();

  /** @returns {MemberFace[]} */
  get all() {
    return [...this.#held.values()];
  }

  /** @param {number} id */
  get(id) {
    return this.#held.get(id);
  }

  /** @param {{ id: number, name: string }} member @returns {string} the name of now */
  nameOf({ id, name }) {
    return this.#held.get(id)?.name ?? name;
  }

  /** @param {MemberFace[]} faces as the server has them now */
  note(faces) {
    const changed = faces.filter(
      (face) => JSON.stringify(face) !== JSON.stringify(this.#held.get(face.id)),
    );
    const isRenamed = changed.some(({ id, name }) => this.#held.get(id)?.name !== name);
    for (const face of faces) {
      this.#held.set(face.id, face);
    }
    this.#emitChange(changed, isRenamed);
  }

  /** @param {number} now of the server's clock: what is over by then is taken away */
  expire(now) {
    const over = this.all.filter(({ status }) => endOf(status) <= now);
    for (const face of over) {
      this.#held.set(face.id, { ...face, status: undefined });
    }
    this.#emitChange(over, false);
  }

  /** @returns {number} when the next status is over; Infinity: none is to end by itself */
  get nextEnd() {
    return Math.min(...this.all.map(({ status }) => endOf(status)), Number.POSITIVE_INFINITY);
  }

  /**
   * @param {MemberFace[]} changed
   * @param {boolean} isRenamed
   */
  #emitChange(changed, isRenamed) {
    if (changed.length > 0) {
      const detail = { ids: changed.map(({ id }) => id), isRenamed };
      this.dispatchEvent(new CustomEvent("change", { detail }));
    }
  }
}

/** @param {Status} [status] @returns {number} */
function endOf(status) {
  return status?.until ? Date.parse(status.until) : Number.POSITIVE_INFINITY;
}
