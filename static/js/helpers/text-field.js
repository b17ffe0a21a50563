/**
 * Replaces a part of a field's text as typing would: it can be undone, and an `input` event follows.
 *
 * @param {HTMLTextAreaElement | HTMLInputElement} field
 * @param {number} from
 * @param {number} to
 * @param {string} text
 */
export function replaceText(field, from, to, text) {
  field.focus();
  field.setSelectionRange(from, to);
  if (from === to && text === "") {
    return;
  }
  // Deprecated, and the only way to insert text that the browser's own Undo knows of.
  const command = text === "" ? "delete" : "insertText";
  const isDone =
    document.activeElement === field &&
    typeof document.execCommand === "function" &&
    document.execCommand(command, false, text);
  if (!isDone) {
    field.setRangeText(text, from, to, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
  }
}
