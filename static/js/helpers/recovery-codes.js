import { find, make } from "./dom.js";
import { gettext } from "./i18n.js";

/**
 * Shows codes that are not shown again.
 *
 * @param {HTMLElement} place with a list, and a button that copies
 * @param {string[]} codes
 */
export function showCodes(place, codes) {
  const items = codes.map((code) => make("li", {}, make("code", {}, code)));
  find(place, ".recovery-codes", HTMLUListElement).replaceChildren(...items);
  const button = find(place, ".copy-codes", HTMLButtonElement);
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(codes.join("\n"));
      button.textContent = gettext("Copied");
    } catch {
      // Pages over plain HTTP have no clipboard.
      getSelection()?.selectAllChildren(find(place, ".recovery-codes", HTMLUListElement));
      button.textContent = gettext("Press Ctrl + C");
    }
  };
  place.hidden = false;
}
