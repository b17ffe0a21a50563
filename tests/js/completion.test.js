import assert from "node:assert/strict";
import { test } from "node:test";
import { callAt, offered } from "../../static/js/models/completion.js";

test("a name is called by an @ at the beginning of a word", () => {
  assert.deepEqual(callAt("hey @al", 7), { from: 4, typed: "al" });
  assert.deepEqual(callAt("@", 1), { from: 0, typed: "" });
  assert.deepEqual(callAt("(@a) and so on", 3), { from: 1, typed: "a" });
  assert.equal(callAt("ann@example.org", 15), null);
  assert.equal(callAt("@ann tea", 8), null);
});

test("names that begin so come first, then those with such a word, without regard to accents", () => {
  const names = ["Mary Ann", "Ánna", "Ben", "Andrew", "Andrew"];

  assert.deepEqual(offered("an", names), ["Ánna", "Andrew", "Mary Ann"]);
  assert.deepEqual(offered("", names), ["Mary Ann", "Ánna", "Ben", "Andrew"]);
});
