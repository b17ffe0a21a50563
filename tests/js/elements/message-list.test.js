import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { define, emitted, press, show } from "#dom";
import { MessageList } from "../../../static/js/elements/message-list.js";
import { ChangeQueue } from "../../../static/js/models/change-queue.js";
import { KnownNames } from "../../../static/js/models/known-names.js";
import { Outbox } from "../../../static/js/models/outbox.js";
import { Timeline } from "../../../static/js/models/timeline.js";
import { FakeRoom, FakeStorage } from "../fakes.js";
import { timelineParts } from "../markup.js";

define({ "message-list": MessageList });

const me = { id: 7, name: "Me" };
const ann = { id: 1, name: "Ann" };

/** @type {FakeRoom} */
let room;

beforeEach(() => {
  // The list waits for midnight, which must not keep this run alive.
  const wait = setTimeout;
  mock.method(
    globalThis,
    "setTimeout",
    (/** @type {() => void} */ then, /** @type {number} */ ms) =>
      ms > 60_000 ? wait(then, ms).unref() : wait(then, ms),
  );
  room = new FakeRoom();
});

/** The list shows the room as it is, to me. */
function open() {
  const list = show(
    `<message-list><p class="timeline-start"><strong></strong></p><ol class="messages"></ol>
    <template>${timelineParts().all}</template></message-list>`,
    MessageList,
  );
  const position = { epoch: room.epoch, seq: room.head, id: null };
  const timeline = new Timeline({ position, messages: room.log, more: false });
  const storage = new FakeStorage();
  const outbox = new Outbox(storage, "7:lobby");
  const changes = new ChangeQueue(storage, "7:lobby", me);
  const names = new KnownNames();
  names.follow(timeline);
  const canAct = (/** @type {{ deleted?: boolean }} */ { deleted }) => !deleted;
  list.show({ timeline, outbox, changes, names, me, canAct });
  return { list, timeline, outbox, changes, names };
}

const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

/** @param {HTMLElement} list */
function rows(list) {
  return /** @type {HTMLElement[]} */ ([...list.querySelectorAll("li.message")]);
}

/** @param {HTMLElement} list */
function bodies(list) {
  return rows(list).map((row) => row.querySelector(".message-body")?.textContent);
}

/**
 * @param {HTMLElement | undefined} parent
 * @param {string} selector
 */
function click(parent, selector) {
  const found = parent?.querySelector(selector);
  /** @type {HTMLElement} */ (found).click();
}

test("what waits stands at the end, and keeps its row when it arrives", async () => {
  room.post("one");
  const { list, timeline, outbox } = open();
  outbox.add({ client_id: "mine", body: "two" });
  await drawn();
  const row = rows(list)[1];
  assert.deepEqual(bodies(list), ["one", "two"]);
  assert.ok(row?.classList.contains("is-pending"));
  assert.match(row?.querySelector(".delivery")?.textContent ?? "", /Waiting to be sent/);

  room.post("two", { author: me, client_id: "mine" });
  timeline.apply(room.changes(2));
  outbox.reconcile(["mine"], 2);
  await drawn();

  assert.equal(rows(list)[1], row);
  assert.equal(row?.id, "m2");
  assert.ok(!row?.classList.contains("is-pending"));
});

test("a change that waits is laid over its message, and says so", async () => {
  room.post("a slip");
  const { list, timeline, changes } = open();
  changes.add({ kind: "reaction", seq: 1, emoji: "👍", on: true }, timeline.at(1));
  changes.add({ kind: "edit", seq: 1, body: "mended" }, timeline.at(1));
  await drawn();

  assert.deepEqual(bodies(list), ["mended"]);
  assert.equal(rows(list)[0]?.querySelector(".reaction")?.getAttribute("aria-pressed"), "true");
  assert.match(
    rows(list)[0]?.querySelector(".delivery")?.textContent ?? "",
    /Reaction waiting to be sent.*Edit waiting to be sent/,
  );
  assert.equal(timeline.at(1)?.body, "a slip");
});

test("a reaction that stays keeps its button when others come and go", async () => {
  const liked = { emoji: "👍", members: [ann] };
  room.post("tea", { reactions: [{ emoji: "🎉", members: [ann] }, liked] });
  const { list, timeline } = open();
  await drawn();
  const button = list.querySelector(".reaction[data-emoji='👍']");
  assert.ok(button instanceof HTMLElement);
  button.focus();

  const both = { emoji: "👍", members: [ann, me] };
  room.react(1, [both, { emoji: "☕", members: [me] }]);
  timeline.apply(room.changes(2));
  await drawn();

  const emoji = [...list.querySelectorAll(".reaction-emoji")].map((one) => one.textContent);
  assert.deepEqual(emoji, ["👍", "☕"]);
  assert.equal(list.querySelector(".reaction[data-emoji='👍']"), button);
  assert.equal(document.activeElement, button);
  assert.equal(button.getAttribute("aria-pressed"), "true");
});

test("a text that stays keeps its links while its reactions change", async () => {
  const html = '<p>See <a href="https://example.org/">this</a></p>';
  room.post("See [this](https://example.org/)", { html, reactions: [] });
  const { list, timeline } = open();
  await drawn();
  const link = list.querySelector(".message-body a");
  assert.ok(link instanceof HTMLElement);
  link.focus();

  room.react(1, [{ emoji: "👍", members: [ann] }]);
  timeline.apply(room.changes(2));
  await drawn();

  assert.equal(list.querySelectorAll(".reaction").length, 1);
  assert.equal(list.querySelector(".message-body a"), link);
  assert.equal(document.activeElement, link);
});

test("what was refused offers its choices, each with the entry that it is about", async () => {
  room.post("a slip");
  const { list, timeline, changes } = open();
  changes.add({ kind: "edit", seq: 1, body: "mended" }, timeline.at(1));
  const id = changes.entries[0]?.id ?? "";
  changes.failed(id, { code: "forbidden", why: "No." });
  await drawn();
  const events = emitted(list, "changes-choice");

  assert.deepEqual(bodies(list), ["a slip"]);
  const labels = [...list.querySelectorAll(".delivery button")].map((one) => one.textContent);
  assert.deepEqual(labels, ["Retry", "Edit", "Discard"]);
  click(list, ".delivery button");

  assert.deepEqual(events, [{ name: "changes-choice", detail: { choice: "retry", id } }]);
});

test("a row has its buttons while it is pointed at, and its ⋯ always", () => {
  room.post("one");
  room.post("two");
  const { list } = open();
  const [first, second] = rows(list);
  const buttons = (/** @type {HTMLElement | undefined} */ row) =>
    row?.querySelectorAll(".message-toolbar button").length;
  const point = (/** @type {HTMLElement | undefined} */ row) =>
    row?.dispatchEvent(new PointerEvent("pointerover", { bubbles: true, pointerType: "mouse" }));

  point(first);
  assert.deepEqual([buttons(first), buttons(second)], [6, 1]);
  point(second);
  assert.deepEqual([buttons(first), buttons(second)], [1, 6]);

  const events = emitted(list, "reaction-set", "reply-wanted", "emoji-wanted", "actions-wanted");
  for (const selector of [
    ".toolbar-react",
    ".toolbar-pick",
    ".toolbar-reply",
    ".message-actions",
  ]) {
    click(second, selector);
  }
  assert.deepEqual(
    events.map(({ name, detail }) => `${name} ${detail.message.seq}`),
    ["reaction-set 2", "emoji-wanted 2", "reply-wanted 2", "actions-wanted 2"],
  );
});

test("Enter goes from a row into its buttons, arrows along them, Escape back", () => {
  room.post("one");
  const { list } = open();
  const [row] = rows(list);
  /** @type {HTMLElement} */ (row).tabIndex = -1;
  row?.focus();

  press("Enter");
  assert.equal(document.activeElement?.textContent, "👍");
  press("ArrowLeft");
  assert.ok(document.activeElement?.matches(".message-actions"));
  press("Escape");
  assert.equal(document.activeElement, row);
});

test("names that are called are pills; a new name is shown in old messages too", async () => {
  room.post("hello @Me and `@Me`, not me@me.example", { author: ann });
  const { list, names } = open();
  const [row] = rows(list);
  names.note(me, 1);
  await drawn();
  assert.equal(row?.querySelectorAll(".mention.is-me").length, 2);
  assert.ok(row?.classList.contains("mentions-me"));
  // So that the page asks how they are called now, also where nothing else shows them.
  assert.equal(row?.querySelector(".mention")?.getAttribute("data-face"), "7");

  names.note({ id: 1, name: "Anna" }, 2);
  await drawn();

  assert.equal(row?.querySelector(".message-author")?.textContent, "Anna");
});

test("an editor stands in place of a row's text for as long as the row is edited", () => {
  room.post("mine", { author: me, client_id: "c" });
  const { list } = open();
  const [row] = rows(list);
  const editor = document.createElement("div");
  editor.className = "message-editor";

  list.edit("7 c", editor);
  assert.equal(editor.closest("li"), row);
  assert.ok(row?.classList.contains("is-editing"));
  list.edit(null);

  assert.ok(!editor.isConnected);
  assert.ok(!row?.classList.contains("is-editing"));
});
