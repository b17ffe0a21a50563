import assert from "node:assert/strict";
import { test } from "node:test";
import { define, emitted, press, show } from "#dom";
import { LabDesk } from "../../../../lab/web/static/lab/elements/lab-desk.js";
import { LabGuide } from "../../../../lab/web/static/lab/elements/lab-guide.js";
import { LabLoad } from "../../../../lab/web/static/lab/elements/lab-load.js";
import { LabMeter } from "../../../../lab/web/static/lab/elements/lab-meter.js";
import { LabSwitches } from "../../../../lab/web/static/lab/elements/lab-switches.js";
import { LabTopology } from "../../../../lab/web/static/lab/elements/lab-topology.js";
import { labOf } from "../../../../lab/web/static/lab/helpers/lab-sheet.js";
import { edge, FAIL, METER, PASS, sheet, state } from "../sample.js";

define({
  "lab-desk": LabDesk,
  "lab-guide": LabGuide,
  "lab-load": LabLoad,
  "lab-meter": LabMeter,
  "lab-switches": LabSwitches,
  "lab-topology": LabTopology,
});

/** @param {Element} element */
const labels = (element) =>
  [...element.querySelectorAll("[role=button]")].map((part) => part.getAttribute("aria-label"));

/**
 * @param {Element} element
 * @param {string} text
 */
function button(element, text) {
  const found = [...element.querySelectorAll("button")].find((one) => one.textContent === text);
  assert.ok(found, `There is no button ${text}`);
  return found;
}

test("each process and each edge says how it is", () => {
  const topology = show("<lab-topology></lab-topology>", LabTopology);
  topology.state = state({
    nodes: [
      ...state().nodes.slice(0, 1),
      /** @type {any} */ ({ ...state().nodes[1], behind: 1, head: 1203, degraded: true }),
    ],
    edges: [
      edge("people-1", "people-1", "node-1", { cut: true }),
      edge("redis-1", "node-1", "redis", { delay_ms: 200 }),
    ],
    redis: { state: "paused" },
  });

  const said = labels(topology);
  assert.ok(said.includes("node 2: head 1,203 · 1 behind, degraded: polls, lag 1.2 ms · 10 % cpu"));
  assert.ok(said.includes("Ada – node 1: cut"));
  assert.ok(said.includes("node 1 – Redis: 2.0/s · 201 ms"));
  assert.ok(said.includes("Redis: paused"));
  assert.ok(said.includes("Ada: has read to 1,204"));
});

test("what is clicked in the topology, or chosen by a key, is the target", () => {
  const topology = show("<lab-topology></lab-topology>", LabTopology);
  topology.state = state();
  const told = emitted(topology, "lab-target");

  const parts = [...topology.querySelectorAll("[role=button]")];
  const at = labels(topology).findIndex((label) => label?.startsWith("Redis"));
  parts[at]?.dispatchEvent(new Event("click", { bubbles: true }));
  press("Enter", parts[0]);

  assert.deepEqual(
    told.map(({ detail }) => detail),
    ["redis", "people-1"],
  );
});

test("the desk offers what its target can suffer", () => {
  const desk = show("<lab-desk></lab-desk>", LabDesk);
  desk.faults = [
    { name: "kill", label: "Kill", sentence: "It ends.", targets: ["node-1", "node-2"] },
    { name: "cut", label: "Cut", sentence: "It is cut.", targets: ["redis-1"] },
  ];
  desk.state = state();
  const told = emitted(desk, "lab-fault", "lab-heal", "lab-target");

  button(desk, "Kill").click();
  desk.target = "redis-1";
  button(desk, "Cut").click();
  button(desk, "Node 1").click();
  button(desk, "Heal all").click();

  assert.deepEqual(told, [
    { name: "lab-fault", detail: { name: "kill", target: "node-2" } },
    { name: "lab-fault", detail: { name: "cut", target: "redis-1" } },
    { name: "lab-target", detail: "node-1" },
    { name: "lab-heal", detail: null },
  ]);
});

test("a guarantee is a switch that names its line of code", () => {
  const switches = show("<lab-switches></lab-switches>", LabSwitches);
  switches.switches = state().switches;
  const told = emitted(switches, "lab-switch");
  const control = /** @type {HTMLElement} */ (switches.querySelector("[role=switch]"));

  control.click();
  switches.switches = state().switches.map((one) => ({ ...one, on: false }));

  assert.deepEqual(told[0]?.detail, { name: "head-poll", on: false });
  assert.equal(control.getAttribute("aria-checked"), "false");
  const link = switches.querySelector("a");
  assert.equal(link?.getAttribute("href"), "/code/chat/realtime/head_poller.py#L46");
});

test("the meter turns red for what is broken, and says what it is", () => {
  const meter = show("<lab-meter></lab-meter>", LabMeter);
  const sentences = ["Bob at room-1/3 has never seen 2"];
  meter.meter = { ...METER, lost: 1, behind: 0.4, sentences };

  const bad = [...meter.querySelectorAll(".is-bad")].map(({ textContent }) => textContent);
  assert.deepEqual(bad, ["lost1"]);
  assert.match(meter.textContent ?? "", /Bob at room-1\/3 has never seen 2/);
});

test("a slider is asked for once it stands still", async () => {
  const load = show("<lab-load></lab-load>", LabLoad);
  const told = emitted(load, "lab-load");
  const range = /** @type {HTMLInputElement} */ (load.querySelector("input"));

  for (const value of ["1", "2"]) {
    range.value = value;
    range.dispatchEvent(new Event("input"));
  }
  load.load = { people: 0, per_second: 0 };
  assert.equal(load.querySelector("output")?.textContent, "20 people · 2 messages a second");
  await new Promise((done) => load.addEventListener("lab-load", done));

  assert.deepEqual(
    told.map(({ detail }) => detail),
    [{ people: 20, per_second: 2 }],
  );
});

test("a lab is gone through by its buttons, one at a time", () => {
  const guide = show("<lab-guide></lab-guide>", LabGuide);
  const told = emitted(guide, "lab-step");
  guide.lab = labOf(sheet());

  /** @type {HTMLInputElement} */ (guide.querySelectorAll("input")[1]).click();
  guide.lab = labOf(sheet({ progress: { predicted: 1 } }));
  assert.equal(button(guide, "Send as Ada").disabled, true);
  button(guide, "Pause Redis").click();
  guide.busy = "act-0";
  assert.equal(guide.getAttribute("aria-busy"), "true");
  assert.equal(button(guide, "Pause Redis").disabled, true);
  guide.busy = "";
  guide.lab = labOf(sheet({ progress: { predicted: 1 }, acted: 2 }));
  button(guide, "Check").click();
  const progress = { predicted: 1, with_guarantee: PASS };
  guide.lab = labOf(sheet({ progress, acted: 2 }));
  button(guide, "Switch it off, and do the same again").click();

  assert.deepEqual(
    told.map(({ detail }) => [detail.act, detail.body]),
    [
      ["predict", { choice: 1 }],
      ["act", { step: 0 }],
      ["check", {}],
      ["switch-off", {}],
    ],
  );
});

test("what came of it stands under the step that made it, and why comes last", () => {
  const guide = show("<lab-guide></lab-guide>", LabGuide);
  const progress = { predicted: 0, with_guarantee: PASS, without_guarantee: FAIL };
  guide.lab = labOf(sheet({ progress, acted: 2, done: true }));

  const verdicts = [...guide.querySelectorAll(".verdict strong")];
  assert.deepEqual(
    verdicts.map(({ textContent }) => textContent),
    ["PASS · Bob saw 1,204 in time.", "FAIL · Bob is 1 behind."],
  );
  assert.equal(guide.querySelector(".is-wrong small")?.textContent, "your prediction");
  assert.equal(guide.querySelector(".is-right small")?.textContent, "what happens");
  assert.match(guide.querySelector(".guide-why")?.textContent ?? "", /The log is the truth/);
  button(guide, "Next lab");
});
