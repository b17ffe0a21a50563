import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Drafts } from "../../static/js/models/drafts.js";
import { FakeStorage } from "./fakes.js";

/** What all tabs share. */
let storage = new FakeStorage();
/** @type {Set<string>} */
let open = new Set();
let count = 0;

beforeEach(() => {
  storage = new FakeStorage();
  open = new Set();
});

/** A tab of this browser, perhaps one that was open before. */
async function tab({ tabStorage = new FakeStorage(), owner = "1:lobby" } = {}) {
  let own = "";
  const tabs = {
    claim: async (/** @type {string} */ name) => {
      const isFree = !open.has(name);
      if (isFree) {
        own = name;
        open.add(name);
      }
      return isFree;
    },
    open: async () => open,
  };
  const newId = () => {
    count += 1;
    return `tab-${count}`;
  };
  const drafts = new Drafts({ storage, tabStorage, owner, tabs, newId });
  const atFirst = drafts.text;
  await drafts.reconcile();
  return { drafts, tabStorage, atFirst, close: () => open.delete(own) };
}

test("two tabs keep what was written in each", async () => {
  const one = await tab();
  one.drafts.keep("a long thought");
  const other = await tab();
  assert.equal(other.drafts.text, "");

  other.drafts.keep("ok");
  other.drafts.keep("");

  assert.equal(one.drafts.text, "a long thought");
});

test("a tab that is loaded anew has its own draft at once", async () => {
  const first = await tab();
  first.drafts.keep("half a senten");
  first.close();

  const again = await tab({ tabStorage: first.tabStorage });

  assert.equal(again.atFirst, "half a senten");
  assert.equal(again.drafts.text, "half a senten");
});

test("the draft of a tab that was closed goes to one other tab", async () => {
  const closed = await tab();
  closed.drafts.keep("to be continued");
  closed.close();

  const [one, other] = [await tab(), await tab()];

  assert.deepEqual([one.drafts.text, other.drafts.text], ["to be continued", ""]);
  one.drafts.keep("");
  assert.equal((await tab()).drafts.text, "");
});

test("a tab that has something of its own takes no other draft", async () => {
  const [one, other] = [await tab(), await tab()];
  one.drafts.keep("first");
  other.drafts.keep("second");
  one.close();
  other.close();

  const again = await tab({ tabStorage: other.tabStorage });
  assert.equal(again.drafts.text, "second");
  assert.equal((await tab()).drafts.text, "first");
});

test("a copied tab is another tab", async () => {
  const original = await tab();
  original.drafts.keep("mine");
  const copied = new FakeStorage();
  copied.items = new Map(original.tabStorage.items);

  const copy = await tab({ tabStorage: copied });
  copy.drafts.keep("other");

  assert.equal(original.drafts.text, "mine");
});

test("rooms and members do not share drafts, however alike their keys are", async () => {
  const lobby = await tab();
  lobby.drafts.keep("for the lobby");
  lobby.close();

  assert.equal((await tab({ owner: "1:lobby2" })).drafts.text, "");
  assert.equal((await tab({ owner: "11:lobby" })).drafts.text, "");
  assert.equal((await tab({ owner: "1:lob" })).drafts.text, "");
});

test("a draft of the time when all tabs had one is found", async () => {
  storage.setItem("draft:1:lobby", "from long ago");

  assert.equal((await tab()).drafts.text, "from long ago");
  assert.equal(storage.getItem("draft:1:lobby"), null);
});

test("an edit is kept by its tab alone, and forgotten if it is spoilt", async () => {
  const { drafts, tabStorage } = await tab();
  drafts.keepEdit({ seq: 7, client_id: "c-7", text: "better" });
  assert.deepEqual(drafts.edit, { seq: 7, client_id: "c-7", text: "better" });
  assert.equal((await tab()).drafts.edit, null);

  for (const spoilt of ["{", "null", '{"seq":"7","text":"x"}', '{"seq":7,"text":1}']) {
    tabStorage.setItem("edit:1:lobby", spoilt);
    assert.equal(drafts.edit, null, spoilt);
  }
});
