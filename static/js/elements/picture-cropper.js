import { emit, make } from "../helpers/dom.js";
import { gettext } from "../helpers/i18n.js";

/** What is sent, and drawn. Pixels on each side. */
const SIDE = 512;
/** How much nearer one can go. */
const NEAREST = 4;
/** A slider's whole way. */
const WAY = 1_000;

/**
 * A square out of a picture: dragged by mouse or finger, or moved by sliders. Tells `picture-moved` whenever
 * it shows something else.
 */
export class PictureCropper extends HTMLElement {
  /** @type {ImageBitmap | null} */
  #picture = null;
  #canvas = make("canvas", { width: SIDE, height: SIDE, ariaHidden: "true" });
  #zoom = slider(0);
  #across = slider(WAY / 2);
  #down = slider(WAY / 2);

  connectedCallback() {
    this.replaceChildren(
      this.#canvas,
      labelled(gettext("Zoom"), this.#zoom),
      labelled(gettext("Left or right"), this.#across),
      labelled(gettext("Up or down"), this.#down),
    );
    for (const one of [this.#zoom, this.#across, this.#down]) {
      one.addEventListener("input", () => this.#draw());
    }
    this.#canvas.addEventListener("pointerdown", (event) => {
      this.#canvas.setPointerCapture(event.pointerId);
    });
    this.#canvas.addEventListener("pointermove", (event) => this.#drag(event));
  }

  /** @returns {HTMLCanvasElement} what is to be seen of the picture */
  get canvas() {
    return this.#canvas;
  }

  /** @returns {boolean} */
  get hasPicture() {
    return this.#picture !== null;
  }

  /** @param {ImageBitmap} picture */
  show(picture) {
    this.clear();
    this.#picture = picture;
    this.hidden = false;
    this.#draw();
  }

  clear() {
    this.#picture?.close();
    this.#picture = null;
    this.hidden = true;
    this.#zoom.value = "0";
    this.#across.value = this.#down.value = String(WAY / 2);
  }

  /** @returns {Promise<Blob>} the square, without anything else that the file held */
  get square() {
    return new Promise((resolve, reject) => {
      const take = (/** @type {Blob | null} */ blob) =>
        blob ? resolve(blob) : reject(new Error(gettext("This picture could not be read.")));
      this.#canvas.toBlob(take, "image/webp", 0.9);
    });
  }

  /** How large the square is in the picture, and how far it can move. */
  get #cut() {
    const { width, height } = /** @type {ImageBitmap} */ (this.#picture);
    const nearer = 1 + (Number(this.#zoom.value) / WAY) * (NEAREST - 1);
    const side = Math.min(width, height) / nearer;
    return { side, across: width - side, down: height - side };
  }

  #draw() {
    const context = this.#canvas.getContext("2d");
    if (!this.#picture || !context) {
      return;
    }
    const { side, across, down } = this.#cut;
    this.#across.disabled = across === 0;
    this.#down.disabled = down === 0;
    const left = (across * Number(this.#across.value)) / WAY;
    const top = (down * Number(this.#down.value)) / WAY;
    context.clearRect(0, 0, SIDE, SIDE);
    context.imageSmoothingQuality = "high";
    context.drawImage(this.#picture, left, top, side, side, 0, 0, SIDE, SIDE);
    emit(this, "picture-moved");
  }

  /** @param {PointerEvent} event */
  #drag({ buttons, movementX, movementY }) {
    if (buttons === 0 || !this.#picture) {
      return;
    }
    const { side, across, down } = this.#cut;
    const scale = side / this.#canvas.clientWidth;
    move(this.#across, -movementX * scale, across);
    move(this.#down, -movementY * scale, down);
    this.#draw();
  }
}

/** @param {number} value */
function slider(value) {
  return make("input", { type: "range", min: "0", max: String(WAY), value: String(value) });
}

/**
 * @param {string} text
 * @param {HTMLInputElement} input
 */
function labelled(text, input) {
  return make("label", {}, make("span", {}, text), input);
}

/**
 * @param {HTMLInputElement} one
 * @param {number} by in pixels of the picture
 * @param {number} most
 */
function move(one, by, most) {
  if (most > 0) {
    one.value = String(Number(one.value) + (by / most) * WAY);
  }
}
