import assert from "node:assert/strict";
import { test } from "node:test";
import { emitted } from "#dom";
import { Feed } from "../../../../lab/web/static/lab/feed.js";
import { edgeName, milliseconds, nameOf } from "../../../../lab/web/static/lab/helpers/format.js";
import { AT, event, state } from "../sample.js";

class Source extends EventTarget {
  /**
   * @param {string} name
   * @param {unknown} told
   */
  tell(name, told) {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(told) }));
  }
}

test("the page, the client of a lab and the end of an edge are one person", () => {
  const feed = new Feed();
  const source = new Source();
  feed.connect(/** @type {any} */ (source));

  source.tell("events", [event({ lane: "Ada" }), event({ lane: "node-2", to: "bob" })]);
  source.tell("events", [event({ lane: "node-2", to: "people-2" })]);

  assert.deepEqual(
    feed.events.map(({ lane, to }) => [lane, to]),
    [
      ["ada", "node-1"],
      ["node-2", "bob"],
      ["node-2", "bob"],
    ],
  );
  assert.equal(nameOf("people-1"), "Ada");
  assert.equal(edgeName({ source: "people-2", target: "node-2" }), "Bob – node 2");
});

test("it counts time as the bench does", () => {
  const feed = new Feed();
  const source = new Source();
  feed.connect(/** @type {any} */ (source));

  source.tell("state", state());

  assert.ok(Math.abs(feed.now() - AT) < 1);
});

test("it says when the lab is gone, and when it is back", () => {
  const feed = new Feed();
  const source = new Source();
  const told = emitted(feed, "lost", "found");
  feed.connect(/** @type {any} */ (source));

  source.dispatchEvent(new Event("error"));
  source.dispatchEvent(new Event("open"));

  assert.deepEqual(
    told.map(({ name }) => name),
    ["lost", "found"],
  );
});

test("times are short", () => {
  assert.deepEqual([0, 0.24, 9.96, 12.4, 1234, 61_000].map(milliseconds), [
    "0 ms",
    "0.2 ms",
    "10.0 ms",
    "12 ms",
    "1.2 s",
    "61 s",
  ]);
});
