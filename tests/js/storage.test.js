import assert from "node:assert/strict";
import { test } from "node:test";
import { BrowserStorage } from "../../static/js/helpers/storage.js";

/** A browser's storage, with room for so many characters. */
function fakeStorage(room = Number.POSITIVE_INFINITY) {
  /** @type {Record<string, any>} */
  const items = {};
  const methods = {
    getItem: (/** @type {string} */ key) => items[key] ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => {
      const others = Object.entries(items).filter(([name]) => name !== key);
      const used = others.reduce((sum, [name, text]) => sum + name.length + text.length, 0);
      if (used + key.length + value.length > room) {
        throw new Error("QuotaExceededError");
      }
      items[key] = value;
    },
    removeItem: (/** @type {string} */ key) => delete items[key],
  };
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(items, name, { value, enumerable: false });
  }
  return /** @type {any} */ (items);
}

/** @param {BrowserStorage} storage */
function troublesOf(storage) {
  /** @type {string[]} */
  const troubles = [];
  storage.addEventListener("trouble", (event) =>
    troubles.push(/** @type {CustomEvent} */ (event).detail),
  );
  return troubles;
}

test("what fits is in the storage, for all tabs", () => {
  const common = fakeStorage();
  const storage = new BrowserStorage(() => common);
  const troubles = troublesOf(storage);

  storage.setItem("a", "1");

  assert.equal(new BrowserStorage(() => common).getItem("a"), "1");
  assert.deepEqual(troubles, []);
});

test("what does not fit is kept in memory, and that is said once", () => {
  const storage = new BrowserStorage(() => fakeStorage(10));
  const troubles = troublesOf(storage);

  storage.setItem("a", "1");
  storage.setItem("b", "too long for this storage");
  storage.setItem("c", "too long as well, much too long");

  assert.equal(storage.getItem("b"), "too long for this storage");
  assert.deepEqual(storage.keys().sort(), ["a", "b", "c"]);
  assert.deepEqual(troubles, ["full"]);
  storage.removeItem("b");
  assert.deepEqual(storage.keys().sort(), ["a", "c"]);
});

test("a longer text that does not fit leaves the shorter one for a reload", () => {
  const common = fakeStorage(10);
  const storage = new BrowserStorage(() => common);
  storage.setItem("a", "short");

  storage.setItem("a", "much longer than it was");

  assert.equal(storage.getItem("a"), "much longer than it was");
  assert.equal(new BrowserStorage(() => common).getItem("a"), "short");
});

function forbid() {
  throw new Error("SecurityError");
}

for (const [what, open] of /** @type {[string, () => any][]} */ ([
  ["forbidden", forbid],
  ["absent", () => null],
])) {
  test(`a storage that is ${what} is memory`, () => {
    const storage = new BrowserStorage(open);
    const troubles = troublesOf(storage);

    assert.equal(storage.getItem("a"), null);
    storage.setItem("a", "1");

    assert.equal(storage.getItem("a"), "1");
    assert.deepEqual(storage.keys(), ["a"]);
    assert.deepEqual(troubles, ["forbidden"]);
  });
}

test("a storage that throws at everything is memory too", () => {
  const broken = new Proxy(
    {},
    {
      get: () => () => {
        throw new Error("It is broken.");
      },
      ownKeys: () => {
        throw new Error("It is broken.");
      },
    },
  );
  const storage = new BrowserStorage(() => /** @type {any} */ (broken));

  storage.setItem("a", "1");
  storage.setItem("b", "2");
  storage.removeItem("a");

  assert.deepEqual(storage.keys(), ["b"]);
  assert.deepEqual([storage.getItem("a"), storage.getItem("b")], [null, "2"]);
});
