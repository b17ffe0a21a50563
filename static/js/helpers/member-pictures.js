/** @import { MemberFace } from "../protocol.js" */

/** As the server writes the addresses of pictures; nothing else comes into a style. */
const ADDRESS = /^\/pictures\/\d+-[\w-]+\.webp$/;

/**
 * Pictures in the place of the marks (static/css/avatar.css), wherever a member's mark is on the page: one
 * style sheet with a rule for each picture, so that another picture is seen everywhere at once.
 */
export class MemberPictures {
  #sheet = new CSSStyleSheet();
  #rules = "";

  /** @param {Document} page */
  constructor(page) {
    page.adoptedStyleSheets = [...page.adoptedStyleSheets, this.#sheet];
  }

  /** @param {MemberFace[]} faces all that are known */
  show(faces) {
    const rules = faces.flatMap(({ id, picture }) =>
      picture && ADDRESS.test(picture) ? ruleFor(id, picture) : [],
    );
    if (rules.join("\n") !== this.#rules) {
      this.#rules = rules.join("\n");
      this.#sheet.replaceSync(this.#rules);
    }
  }
}

/**
 * @param {number} id
 * @param {string} picture
 */
function ruleFor(id, picture) {
  return `.avatar[data-face="${Number(id)}"] { background: url("${picture}") center / cover; }`;
}
