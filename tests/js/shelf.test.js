import assert from "node:assert/strict";
import { test } from "node:test";
import { BrowserShelf } from "../../static/js/helpers/shelf.js";

/** A browser's storage, with room for so many characters. */
function storage(room = Number.POSITIVE_INFINITY) {
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

/** @param {BrowserShelf} shelf */
function troublesOf(shelf) {
  /** @type {string[]} */
  const troubles = [];
  shelf.addEventListener("trouble", (event) =>
    troubles.push(/** @type {CustomEvent} */ (event).detail),
  );
  return troubles;
}

test("what fits is in the storage, for all tabs", () => {
  const common = storage();
  const shelf = new BrowserShelf(() => common);
  const troubles = troublesOf(shelf);

  shelf.setItem("a", "1");

  assert.equal(new BrowserShelf(() => common).getItem("a"), "1");
  assert.deepEqual(troubles, []);
});

test("what does not fit is kept in memory, and that is said once", () => {
  const shelf = new BrowserShelf(() => storage(10));
  const troubles = troublesOf(shelf);

  shelf.setItem("a", "1");
  shelf.setItem("b", "too long for this storage");
  shelf.setItem("c", "too long as well, much too long");

  assert.equal(shelf.getItem("b"), "too long for this storage");
  assert.deepEqual(shelf.keys().sort(), ["a", "b", "c"]);
  assert.deepEqual(troubles, ["full"]);
  shelf.removeItem("b");
  assert.deepEqual(shelf.keys().sort(), ["a", "c"]);
});

test("a longer text that does not fit leaves the shorter one for a reload", () => {
  const common = storage(10);
  const shelf = new BrowserShelf(() => common);
  shelf.setItem("a", "short");

  shelf.setItem("a", "much longer than it was");

  assert.equal(shelf.getItem("a"), "much longer than it was");
  assert.equal(new BrowserShelf(() => common).getItem("a"), "short");
});

function forbid() {
  throw new Error("SecurityError");
}

for (const [what, open] of /** @type {[string, () => any][]} */ ([
  ["forbidden", forbid],
  ["absent", () => null],
])) {
  test(`a storage that is ${what} is memory`, () => {
    const shelf = new BrowserShelf(open);
    const troubles = troublesOf(shelf);

    assert.equal(shelf.getItem("a"), null);
    shelf.setItem("a", "1");

    assert.equal(shelf.getItem("a"), "1");
    assert.deepEqual(shelf.keys(), ["a"]);
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
  const shelf = new BrowserShelf(() => /** @type {any} */ (broken));

  shelf.setItem("a", "1");
  shelf.setItem("b", "2");
  shelf.removeItem("a");

  assert.deepEqual(shelf.keys(), ["b"]);
  assert.deepEqual([shelf.getItem("a"), shelf.getItem("b")], [null, "2"]);
});
