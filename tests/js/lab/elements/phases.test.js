import assert from "node:assert/strict";
import { test } from "node:test";
import "#dom";
import { PHASES, phaseOf } from "../../../../lab/web/static/lab/helpers/lab-phases.js";
import { labOf } from "../../../../lab/web/static/lab/helpers/lab-sheet.js";
import { FAIL, PASS, sheet } from "../sample.js";

/** @param {Parameters<typeof sheet>[0]} changes */
const at = (changes) => PHASES[phaseOf(labOf(sheet(changes)))] ?? "done";

test("a lab goes from its prediction to why it is so", () => {
  assert.equal(at({}), "predict");
  assert.equal(at({ progress: { predicted: 0 } }), "act");
  assert.equal(at({ progress: { predicted: 0 }, acted: 1 }), "act");
  assert.equal(at({ progress: { predicted: 0 }, acted: 2 }), "check");
  const kept = { predicted: 0, with_guarantee: PASS };
  assert.equal(at({ progress: kept, acted: 2 }), "switch off");
  assert.equal(at({ progress: { ...kept, without_guarantee: FAIL }, acted: 2 }), "why");
  assert.equal(at({ progress: { ...kept, without_guarantee: FAIL }, done: true }), "done");
});

test("what could not be set up is checked again", () => {
  const nothing = /** @type {const} */ ({ word: "INCONCLUSIVE", sentence: "Heal, and try again." });

  assert.equal(at({ progress: { predicted: 0, with_guarantee: nothing }, acted: 2 }), "check");
  const progress = { predicted: 0, with_guarantee: PASS, without_guarantee: nothing };
  assert.equal(at({ progress, acted: 2 }), "switch off");
});

test("the question is plain text, and links lead to lines of code and the decision", () => {
  const lab = labOf(sheet());

  assert.equal(lab.question, "Redis stops. Will Bob & Co ever see it?");
  assert.deepEqual(
    lab.links.map(({ href }) => href),
    [
      "/code/chat/realtime/head_poller.py#L46",
      "/code/docs/adr/0002-the-channel-layer-is-a-hint.md",
      "https://example.org/",
    ],
  );
});
