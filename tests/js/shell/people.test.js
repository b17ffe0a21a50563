import assert from "node:assert/strict";
import { test } from "node:test";
import { define, press, show, type } from "#dom";
import { PeoplePanel } from "../../../static/js/elements/people-panel.js";
import { Faces } from "../../../static/js/models/faces.js";
import { Roster } from "../../../static/js/models/roster.js";
import { Requests } from "../../../static/js/realtime/requests.js";
import { CurrentRoom } from "../../../static/js/shell/current-room.js";
import { People } from "../../../static/js/shell/people.js";
import { FakeLine, FakeTimers, settled } from "../fakes.js";

/** @import { RoomSession } from "../../../static/js/models/room-session.js" */
/** @import { PresentMember } from "../../../static/js/protocol.js" */

define({ "people-panel": PeoplePanel });

const ME = { id: 1, name: "Alex" };

/** @param {string} key */
function sessionOf(key) {
  return /** @type {RoomSession} */ (/** @type {unknown} */ ({ key, roster: new Roster() }));
}

function openPeople() {
  show(`<span id="here-count"></span>`);
  const panel = show(
    `<people-panel>
      <span class="people-count"></span><input class="people-search"><p class="people-none" hidden></p>
      <div class="people-scroller"><ul class="people-list"></ul></div>
    </people-panel>`,
  );
  panel.checkVisibility = () => true;
  const line = new FakeLine();
  const session = sessionOf("lobby");
  const current = new CurrentRoom(session);
  const requests = new Requests(line, new FakeTimers());
  new People({ me: ME, current, requests, faces: new Faces() }).connect();
  const field = /** @type {HTMLInputElement} */ (panel.querySelector("input"));
  return { panel, line, session, current, field };
}

/** @param {Element} panel */
const names = (panel) =>
  [...panel.querySelectorAll(".person-name")].map(({ textContent }) => textContent);

/**
 * @param {RoomSession} session
 * @param {PresentMember[]} members
 */
function enter({ roster }, members, count = members.length) {
  roster.replace({ type: "presence.state", room: "lobby", count, members });
}

/**
 * @param {FakeLine} line
 * @param {PresentMember[]} people
 */
async function answer(line, people, more = false) {
  const { ref } = line.sent.at(-1) ?? {};
  line.receive({ type: "people.page", ref, room: "lobby", count: 400, people, more });
  await settled();
}

test("a room that is known whole is searched without asking", () => {
  const { panel, line, session, field } = openPeople();
  enter(session, [ME, { id: 2, name: "Zoë" }, { id: 3, name: "Bob" }]);
  assert.deepEqual(names(panel), ["Alex", "Bob", "Zoë"]);

  type(field, "zoe");

  assert.deepEqual(names(panel), ["Zoë"]);
  assert.equal(line.sent.length, 0);
  assert.equal(document.querySelector("#here-count")?.textContent, "3 here");
});

test("of a large room the people are asked for, and I stand first", async () => {
  const { panel, line, session } = openPeople();
  enter(session, [{ id: 2, name: "Zoë" }], 400);
  assert.equal(line.sent[0]?.type, "people.find");
  assert.equal(line.sent[0]?.room, "lobby");

  await answer(
    line,
    [
      { id: 9, name: "Owen", role: "owner" },
      { id: 3, name: "Ann" },
    ],
    true,
  );

  assert.deepEqual(names(panel), ["Alex", "Owen", "Ann"]);
});

test("the next page follows the last of this one", async () => {
  const { panel, line, session } = openPeople();
  enter(session, [], 400);
  const last = { id: 3, name: "Ann", role: "moderator" };
  await answer(line, [last], true);

  panel.dispatchEvent(new CustomEvent("more-people-wanted"));
  panel.dispatchEvent(new CustomEvent("more-people-wanted"));

  assert.equal(line.sent.length, 2);
  assert.deepEqual(line.sent[1]?.after, last);
  await answer(line, [{ id: 4, name: "Bo" }]);
  assert.deepEqual(names(panel), ["Alex", "Ann", "Bo"]);
  panel.dispatchEvent(new CustomEvent("more-people-wanted"));
  assert.equal(line.sent.length, 2);
});

test("an answer to what is not looked for any more is passed over", async () => {
  const { panel, line, session, current } = openPeople();
  enter(session, [], 400);
  const other = sessionOf("garden");
  enter(other, [ME, { id: 5, name: "Gardener" }]);

  current.show(other);
  await answer(line, [{ id: 9, name: "Somebody" }]);

  assert.deepEqual(names(panel), ["Alex", "Gardener"]);
});

test("nothing is asked for while nobody looks", () => {
  const { panel, line, session } = openPeople();
  panel.checkVisibility = () => false;

  enter(session, [], 400);
  assert.equal(line.sent.length, 0);
  panel.checkVisibility = () => true;
  panel.dispatchEvent(new CustomEvent("people-shown"));

  assert.equal(line.sent.length, 1);
});

test("who types is marked, and another room begins with an empty field", () => {
  const { panel, session, current, field } = openPeople();
  enter(session, [ME, { id: 2, name: "Zoë" }]);
  session.roster.type(["Zoë"]);
  assert.equal(panel.querySelectorAll(".person-notes")[1]?.textContent, "typing");
  type(field, "zo");
  press("ArrowDown", field);

  current.show(sessionOf("garden"));

  assert.equal(field.value, "");
  assert.deepEqual(names(panel), ["Alex"]);
});
