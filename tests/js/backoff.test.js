import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../static/js/realtime/backoff.js";

test("the longest possible wait doubles, up to 30 seconds", () => {
  const backoff = new Backoff(() => 1);

  const waits = Array.from({ length: 9 }, () => backoff.next());

  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
});

test("the wait is anywhere between nothing and the longest", () => {
  assert.equal(new Backoff(() => 0).next(), 0);
  assert.equal(new Backoff(() => 0.5).next(), 250);
});

test("after a reset it begins anew", () => {
  const backoff = new Backoff(() => 1);
  backoff.next();
  backoff.next();

  backoff.reset();

  assert.equal(backoff.next(), 500);
});
