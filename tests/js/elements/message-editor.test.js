import assert from "node:assert/strict";
import { test } from "node:test";
import { define, emitted, press, show, type } from "#dom";
import { MessageEditor } from "../../../static/js/elements/message-editor.js";
import { timelineParts } from "../markup.js";

define({ "message-editor": MessageEditor });

/** @param {string} text */
function edit(text, limit = 20) {
  const editor = show(timelineParts().editor, MessageEditor);
  const events = emitted(editor, "editor-saved", "editor-cancelled", "editor-typed");
  editor.open(text, limit);
  editor.focus();
  const field = /** @type {HTMLTextAreaElement} */ (editor.querySelector("textarea"));
  return { editor, events, field };
}

/** @param {HTMLElement} editor */
function save(editor) {
  return /** @type {HTMLButtonElement} */ (editor.querySelector("button[value=save]"));
}

test("Enter saves what was made of the text, Shift+Enter breaks the line", () => {
  const { events, field } = edit("a slip");
  assert.equal(document.activeElement, field);

  assert.equal(press("Shift+Enter"), true);
  type(field, "!");
  assert.deepEqual(events.at(-1), { name: "editor-typed", detail: "a slip!" });
  assert.equal(press("Enter"), false);

  assert.deepEqual(events.at(-1), { name: "editor-saved", detail: "a slip!" });
});

test("Escape cancels, and nothing behind it hears it", () => {
  const { events } = edit("a slip");
  const behind = emitted(document, "keydown");

  press("Escape");

  assert.deepEqual(
    events.map(({ name }) => name),
    ["editor-cancelled"],
  );
  assert.deepEqual(behind, []);
});

test("a text that is empty or too long cannot be saved, and says how long it is", () => {
  const { editor, events, field } = edit("x".repeat(19));
  assert.equal(editor.querySelector(".editor-counter")?.textContent, "19 of 20");

  type(field, "yz");
  assert.ok(save(editor).disabled);
  press("Enter");
  field.value = " ";
  field.dispatchEvent(new Event("input", { bubbles: true }));
  assert.ok(save(editor).disabled);
  press("Enter");

  assert.ok(events.every(({ name }) => name === "editor-typed"));
});

test("of a message that was deleted the text is kept, and is sent anew only when that is chosen", () => {
  const { editor, events, field } = edit("short");
  editor.lose();
  type(field, "!");

  press("Enter");
  assert.ok(events.every(({ name }) => name === "editor-typed"));
  assert.equal(document.activeElement, save(editor));
  assert.equal(save(editor).textContent, "Send as a new message");
  save(editor).click();

  assert.deepEqual(events.at(-1), { name: "editor-saved", detail: "short!" });
});
