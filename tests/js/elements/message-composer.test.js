import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { define, emitted, press, show, type } from "#dom";
import { CompletionList } from "../../../static/js/elements/completion-list.js";
import { EmojiPicker } from "../../../static/js/elements/emoji-picker.js";
import { MessageComposer } from "../../../static/js/elements/message-composer.js";
import { find } from "../../../static/js/helpers/dom.js";
import { settled } from "../fakes.js";

/** @import { Drafts } from "../../../static/js/models/drafts.js" */
/** @import { Message } from "../../../static/js/protocol.js" */

define({
  "completion-list": CompletionList,
  "emoji-picker": EmojiPicker,
  "message-composer": MessageComposer,
});

/** As the server renders it, without the tags of the template. */
const MARKUP = readFileSync("templates/chat/_composer.html", "utf8")
  .replaceAll(/{#.*?#}/g, "")
  .replaceAll(/{% (?:translate|trans) (['"])(.*?)\1 %}/g, "$2")
  .replaceAll(/{%.*?%}|{{.*?}}/g, "")
  .trim();
const ANN = { id: 1, name: "Ann" };
const BEN = { id: 2, name: "Ben Nevis" };
/** @type {Message} */
const MESSAGE = {
  id: "id-5",
  seq: 5,
  updated_seq: 5,
  author: ANN,
  client_id: "c-5",
  body: "Tea?",
  created_at: "2026-11-30T10:00:00Z",
};
const EMOJI = [
  ["🎉", "tada", "party_popper"],
  ["🫖", "teapot"],
];

beforeEach(() => {
  globalThis.fetch = async () => new Response(JSON.stringify(EMOJI));
});

/** @param {string} [text] */
function draft(text = "") {
  const kept = {
    text,
    edit: /** @type {unknown} */ (null),
    keep: (/** @type {string} */ now) => {
      kept.text = now;
    },
    keepEdit: (/** @type {unknown} */ edit) => {
      kept.edit = edit;
    },
  };
  return /** @type {Drafts & typeof kept} */ (/** @type {unknown} */ (kept));
}

function openComposer({ drafts = draft(), limit = 4_000 } = {}) {
  const composer = show(MARKUP, MessageComposer);
  const rooms = () => [{ key: "workshop", name: "Work[shop]" }];
  composer.open({ limit, drafts, known: () => [ANN, BEN], rooms });
  const field = find(composer, "textarea", HTMLTextAreaElement);
  field.focus();
  return { composer, field, drafts, sent: emitted(composer, "message-send") };
}

/** @param {ParentNode} composer */
const offered = (composer) =>
  [...composer.querySelectorAll(".completion-name")].map(({ textContent }) => textContent);

/** @param {ParentNode} composer */
const tool = (composer, name = "") => find(composer, `[data-tool=${name}]`, HTMLButtonElement);

test("Enter sends what was written, and the field is empty for the next", () => {
  const { field, sent, drafts } = openComposer();

  type(field, "Hello");
  assert.equal(drafts.text, "Hello");
  press("Enter");

  assert.deepEqual(
    sent.map(({ detail }) => [detail.body, detail.replyTo]),
    [["Hello", undefined]],
  );
  assert.equal(field.value, "");
  assert.equal(drafts.text, "");
});

test("Shift+Enter is left to the browser, which breaks the line", () => {
  const { field, sent } = openComposer();

  type(field, "one");

  assert.ok(press("Shift+Enter"));
  assert.equal(sent.length, 0);
});

test("spaces alone and a text beyond the limit are not sent, and the counter says why", () => {
  const { composer, field, sent } = openComposer({ limit: 10 });

  type(field, "   ");
  press("Enter");
  type(field, "much too long");
  press("Enter");

  assert.equal(sent.length, 0);
  const counter = find(composer, ".composer-counter", HTMLElement);
  assert.equal(counter.textContent, "16 of 10");
  assert.equal(field.getAttribute("aria-invalid"), "true");
});

test("another room brings its own draft, and sends once", () => {
  const { composer, field, sent, drafts } = openComposer();
  type(field, "for here");
  const there = draft("for there");

  composer.open({ limit: 4_000, drafts: there, known: () => [] });
  assert.equal(field.value, "for there");
  assert.equal(drafts.text, "for here");
  press("Enter");

  assert.equal(sent.length, 1);
  assert.equal(there.text, "");
  assert.equal(drafts.text, "for here");
});

test("a reply is said above the field, goes with the message, and ends with the room", () => {
  const { composer, field, sent } = openComposer();
  const context = find(composer, ".composer-context", HTMLElement);

  composer.reply(MESSAGE, "Tea?");
  assert.match(context.textContent ?? "", /Replying to\s+Ann\s+Tea\?/);
  assert.equal(composer.replyingTo, MESSAGE);
  type(field, "Yes");
  press("Enter");
  assert.equal(sent[0]?.detail.replyTo, 5);
  assert.ok(context.hidden);

  composer.reply(MESSAGE, "Tea?");
  composer.open({ limit: 4_000, drafts: draft(), known: () => [] });
  assert.ok(context.hidden);
  assert.equal(composer.replyingTo, null);
});

test("Escape gives a reply up and keeps the text", () => {
  const { composer, field } = openComposer();
  composer.reply(MESSAGE, "Tea?");
  type(field, "By the way");

  press("Escape");

  assert.equal(composer.replyingTo, null);
  assert.equal(field.value, "By the way");
});

test("an at sign offers people; arrows and Tab take one without leaving the field", () => {
  const { composer, field } = openComposer();
  const list = find(composer, "completion-list", CompletionList);

  type(field, "hey @");
  assert.deepEqual(offered(composer), ["Ann", "Ben Nevis"]);
  assert.equal(list.getAttribute("aria-label"), "People");
  assert.equal(field.getAttribute("aria-activedescendant"), "completion-0");
  press("ArrowDown");
  assert.equal(field.getAttribute("aria-activedescendant"), "completion-1");
  assert.ok(!press("Tab"));

  assert.equal(field.value, "hey @Ben Nevis ");
  assert.ok(!list.isOpen);
  assert.equal(document.activeElement, field);
});

test("Enter takes what is offered, and only then sends", () => {
  const { field, sent } = openComposer();

  type(field, "@an");
  press("Enter");
  assert.equal(sent.length, 0);
  press("Enter");

  assert.equal(sent[0]?.detail.body.trim(), "@Ann");
});

test("a click takes what is offered", () => {
  const { composer, field } = openComposer();

  type(field, "@ben");
  find(composer, "[role=option]", HTMLElement).click();

  assert.equal(field.value, "@Ben Nevis ");
});

test("a name that nobody has is said to be so", () => {
  const { composer, field } = openComposer();
  const none = find(composer, ".completion-none", HTMLElement);

  type(field, "@zo");
  assert.ok(!none.hidden);
  type(field, " ");

  assert.ok(none.hidden);
});

test("a hash offers rooms, and writes a link to the one that is chosen", () => {
  const { composer, field } = openComposer();

  type(field, "in #wo");
  assert.deepEqual(offered(composer), ["Work[shop]"]);
  press("Enter");

  assert.equal(field.value, "in [#Work\\[shop\\]](http://chat.test/rooms/workshop/) ");
});

test("a colon and a word offer emoji, and write the one that is chosen", async () => {
  const { composer, field } = openComposer();

  type(field, "yes :te");
  await settled();
  assert.deepEqual(offered(composer), [":teapot:"]);
  press("Enter");

  assert.equal(field.value, "yes 🫖 ");
});

test("keys and buttons format what is selected", () => {
  const { composer, field } = openComposer();
  type(field, "bold code link");

  field.setSelectionRange(0, 4);
  assert.ok(!press("Control+b"));
  assert.equal(field.value, "**bold** code link");
  field.setSelectionRange(9, 13);
  tool(composer, "code").click();
  assert.equal(field.value, "**bold** `code` link");
  field.setSelectionRange(16, 20);
  press("Control+Shift+K");
  assert.equal(field.value, "**bold** `code` [link]()");
  assert.equal(field.selectionStart, "**bold** `code` [link](".length);
});

test("an emoji is chosen beside the text and stands at the caret", () => {
  const { composer, field, drafts } = openComposer();
  type(field, "ab");
  field.setSelectionRange(1, 1);

  tool(composer, "emoji").click();
  const popup = find(composer, ".composer-emoji", HTMLElement);
  assert.ok(popup.matches(":popover-open"));
  find(popup, "button[value='🎉']", HTMLButtonElement).click();

  assert.ok(!popup.matches(":popover-open"));
  assert.equal(field.value, "a🎉b");
  assert.equal(drafts.text, "a🎉b");
  assert.equal(document.activeElement, field);
});

test("the at sign of the bar begins a word and offers people", () => {
  const { composer, field } = openComposer();
  type(field, "hey");

  tool(composer, "mention").click();

  assert.equal(field.value, "hey @");
  assert.deepEqual(offered(composer), ["Ann", "Ben Nevis"]);
});

test("the bar is one stop of the Tab key, and arrows go through it", () => {
  const { composer } = openComposer();
  const stops = () => composer.querySelectorAll(".composer-tools button[tabindex='0']");

  tool(composer, "emoji").focus();
  press("ArrowRight");
  assert.equal(document.activeElement, tool(composer, "mention"));
  press("End");
  assert.equal(document.activeElement, tool(composer, "link"));

  assert.equal(stops().length, 1);
});

test("where writing is not allowed the composer says why, sends nothing and keeps the text", () => {
  const { composer, field, sent } = openComposer();
  type(field, "But");

  composer.disable("You are muted until 14:30.");
  press("Enter", field);
  const refusal = find(composer, ".composer-refusal", HTMLElement);
  assert.equal(refusal.textContent, "You are muted until 14:30.");
  assert.ok(!refusal.hidden);
  assert.ok(field.disabled);
  assert.ok(tool(composer, "bold").disabled);
  assert.equal(sent.length, 0);

  composer.enable();
  assert.ok(refusal.hidden);
  field.focus();
  press("Enter");
  assert.equal(sent[0]?.detail.body, "But");
});

test("after joining the focus is in the field, and the address is the room's own", () => {
  history.replaceState(null, "", "/rooms/lobby/#composer-body");

  const composer = show(MARKUP, MessageComposer);

  assert.equal(document.activeElement, find(composer, "textarea", HTMLTextAreaElement));
  assert.equal(location.href, "http://chat.test/rooms/lobby/");
});
