import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../static/js/realtime/backoff.js";

test("the longest possible wait doubles, and stays at four seconds for half a minute", () => {
  let now = 0;
  const backoff = new Backoff(
    () => 1,
    () => now,
  );

  const waits = Array.from({ length: 14 }, () => {
    const wait = backoff.next();
    now += wait;
    return wait;
  });

  const young = [500, 1_000, 2_000, ...Array(7).fill(4_000)];
  assert.deepEqual(waits, [...young, 30_000, 30_000, 30_000, 30_000]);
});

test("the wait is anywhere between nothing and the longest", () => {
  assert.equal(new Backoff(() => 0).next(), 0);
  assert.equal(new Backoff(() => 0.5).next(), 250);
});

test("after a reset it begins anew", () => {
  let now = 0;
  const backoff = new Backoff(
    () => 1,
    () => now,
  );
  for (let failure = 0; failure < 20; failure += 1) {
    backoff.next();
  }
  now = 100_000;
  assert.equal(backoff.next(), 30_000);

  backoff.reset();

  const waits = Array.from({ length: 5 }, () => backoff.next());
  assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 4_000]);
});
