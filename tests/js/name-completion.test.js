import assert from "node:assert/strict";
import { test } from "node:test";
import { mentionAt, suggestions } from "../../static/js/models/name-completion.js";

test("a name is called by an @ at the beginning of a word", () => {
  assert.deepEqual(mentionAt("hey @al", 7), { from: 4, typed: "al" });
  assert.deepEqual(mentionAt("@", 1), { from: 0, typed: "" });
  assert.deepEqual(mentionAt("(@a) and so on", 3), { from: 1, typed: "a" });
  assert.equal(mentionAt("ann@example.org", 15), null);
  assert.equal(mentionAt("@ann tea", 8), null);
});

test("names that begin so come first, then those with such a word, without regard to accents", () => {
  const names = ["Mary Ann", "Ánna", "Ben", "Andrew", "Andrew"];

  assert.deepEqual(suggestions("an", names), ["Ánna", "Andrew", "Mary Ann"]);
  assert.deepEqual(suggestions("", names), ["Mary Ann", "Ánna", "Ben", "Andrew"]);
});
