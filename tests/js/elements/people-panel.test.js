import assert from "node:assert/strict";
import { test } from "node:test";
import { define, emitted, press, show, type } from "#dom";
import { PeoplePanel } from "../../../static/js/elements/people-panel.js";
import { WINDOW_LENGTH } from "../../../static/js/helpers/row-window.js";

/** @import { PeopleShown } from "../../../static/js/elements/people-panel.js" */

define({ "people-panel": PeoplePanel });

const ME = { id: 1, name: "Alex" };
const PEOPLE = [ME, { id: 2, name: "Noor", role: "moderator" }, { id: 3, name: "Zoë" }];

/** @param {Partial<PeopleShown>} changes */
function openPanel(changes = {}) {
  const panel = show(
    `<people-panel>
      <span class="people-count"></span><input class="people-search"><p class="people-none" hidden></p>
      <div class="people-scroller"><ul class="people-list"></ul></div>
    </people-panel>`,
    PeoplePanel,
  );
  const shown = {
    people: PEOPLE,
    count: 3,
    me: ME,
    typing: [],
    more: false,
    isComplete: true,
    ...changes,
  };
  panel.show(shown);
  return { panel, shown };
}

/** @param {HTMLElement} panel */
const rows = (panel) => [...panel.querySelectorAll("li")];
/** @param {HTMLElement} panel */
const said = (panel) =>
  rows(panel).map((row) =>
    ["name", "notes"].map((part) => row.querySelector(`.person-${part}`)?.textContent).join(" "),
  );
const focused = () => document.activeElement?.closest("li")?.dataset.member;

/** @param {number} count */
function crowd(count) {
  return Array.from({ length: count }, (_, index) => ({ id: index + 1, name: `Person ${index}` }));
}

test("each person is named with what there is to know", () => {
  const { panel } = openPanel({ typing: ["Zoë", "Alex"] });

  assert.deepEqual(said(panel), ["Alex you", "Noor moderator", "Zoë typing"]);
  assert.equal(panel.querySelector(".people-count")?.textContent, "3");
});

test("when someone comes, the rows of the others stay as they are", () => {
  const { panel, shown } = openPanel();
  const before = rows(panel);

  panel.show({ ...shown, people: [ME, { id: 9, name: "Bo" }, ...PEOPLE.slice(1)], count: 4 });

  assert.deepEqual(said(panel), ["Alex you", "Bo ", "Noor moderator", "Zoë "]);
  const after = rows(panel);
  assert.deepEqual([after[0], after[2], after[3]], before);
});

test("of ten thousand people a few rows are made, and the arrow keys reach them all", () => {
  const { panel } = openPanel({ people: crowd(10_000), count: 10_000 });
  assert.equal(rows(panel).length, WINDOW_LENGTH);

  press("ArrowDown", panel.querySelector("input") ?? panel);
  assert.equal(focused(), "1");
  press("End");
  assert.equal(focused(), "10000");
  press("ArrowUp");
  assert.equal(focused(), "9999");
  press("PageUp");
  assert.equal(focused(), "9989");
  assert.equal(rows(panel).length, WINDOW_LENGTH);
  assert.equal(document.activeElement?.closest("li")?.getAttribute("aria-posinset"), "9989");
});

test("one row is a stop of the Tab key, and Enter in the field opens the first", () => {
  const { panel } = openPanel();
  const events = emitted(panel, "profile-wanted");
  const stops = () => rows(panel).filter((row) => row.querySelector("button")?.tabIndex === 0);
  assert.equal(stops().length, 1);

  press("Enter", panel.querySelector("input") ?? panel);
  press("ArrowDown");
  /** @type {HTMLElement} */ (document.activeElement).click();

  assert.equal(stops().length, 1);
  assert.deepEqual(
    events.map(({ detail }) => detail.member),
    [ME, { id: 2, name: "Noor" }],
  );
});

test("above the first row is the field, and Escape empties it", () => {
  const { panel } = openPanel();
  const events = emitted(panel, "people-search");
  const field = /** @type {HTMLInputElement} */ (panel.querySelector("input"));

  type(field, "no");
  press("Escape", field);
  press("ArrowDown", field);
  press("ArrowUp");

  assert.equal(document.activeElement, field);
  assert.deepEqual(
    events.map(({ detail }) => detail),
    ["n", "no", ""],
  );
});

test("a row that goes gives the focus to the field", () => {
  const { panel, shown } = openPanel();
  press("ArrowDown", panel.querySelector("input") ?? panel);

  panel.show({ ...shown, people: PEOPLE.slice(1) });

  assert.equal(document.activeElement, panel.querySelector("input"));
});

test("who is looked for in vain is said, once it is known", () => {
  const { panel, shown } = openPanel();
  const none = /** @type {HTMLElement} */ (panel.querySelector(".people-none"));
  type(/** @type {HTMLInputElement} */ (panel.querySelector("input")), "x");

  panel.show({ ...shown, people: [], isComplete: false });
  assert.ok(none.hidden);
  panel.show({ ...shown, people: [], isComplete: true });

  assert.equal(none.textContent, "Nobody here has such a name.");
});
