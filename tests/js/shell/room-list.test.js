import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { press, show } from "#dom";
import { RoomDirectory } from "../../../static/js/models/room-directory.js";
import { RoomSession } from "../../../static/js/models/room-session.js";
import { Requests } from "../../../static/js/realtime/requests.js";
import { CurrentRoom } from "../../../static/js/shell/current-room.js";
import { Navigation } from "../../../static/js/shell/navigation.js";
import { RoomList, writtenRooms } from "../../../static/js/shell/room-list.js";
import { RoomSessions } from "../../../static/js/shell/room-sessions.js";
import { FakeLine, FakeShelf, FakeTimers } from "../fakes.js";

const PAGE = `<div id="page">
  <button class="sides-button"><span id="sides-news" hidden></span><span class="unread-dot" hidden></span></button>
  <div class="rooms-all">
    <ul class="rooms-list">
      <li><a href="/rooms/lobby/" data-room="lobby" data-kind="public" aria-current="page"><span class="room-mark">#</span><bdi class="room-name">Lobby</bdi><span class="unread-dot" hidden><span class="unread-count"></span><span class="visually-hidden"></span></span></a></li>
      <li><a href="/rooms/garden/" data-room="garden" data-kind="public"><span class="room-mark">#</span><bdi class="room-name">Garden</bdi><span class="unread-dot" hidden><span class="unread-count"></span><span class="visually-hidden"></span></span></a></li>
    </ul>
    <section class="direct-messages" hidden><ul class="rooms-list"></ul></section>
  </div>
  <p>See <a id="link" href="/rooms/garden/17/">this</a> and <a id="elsewhere" href="/reports/">that</a>.</p>
</div>`;

/** @type {FakeLine} */
let line;
/** @type {CurrentRoom} */
let current;
/** @type {string[]} where the reader was led, in order */
let led;

/** What listens on the document would go on with the next test's clicks. */
const { addEventListener } = document;
/** @type {[string, any][]} */
let listening = [];

beforeEach(() => {
  document.addEventListener = (/** @type {string} */ type, /** @type {any} */ listener) => {
    listening.push([type, listener]);
    addEventListener.call(document, type, listener);
  };
});

afterEach(() => {
  for (const [type, listener] of listening) {
    document.removeEventListener(type, listener);
  }
  listening = [];
});

beforeEach(() => {
  show(PAGE);
  history.replaceState(null, "", "/rooms/lobby/");
  line = new FakeLine();
  led = [];
  const parts = {
    line,
    requests: new Requests(line, new FakeTimers()),
    me: { id: 1, name: "Ann" },
    storage: new FakeShelf(),
    tabStorage: new FakeShelf(),
    tabs: { claim: async () => true, open: async () => new Set(["tab"]) },
    newId: () => "tab",
  };
  const sessions = new RoomSessions(
    (key) => new RoomSession({ key, name: key }, parts, { isFollowing: false }),
    line,
  );
  current = new CurrentRoom(sessions.open("lobby"));
  const directory = new RoomDirectory(writtenRooms());
  const connection = /** @type {any} */ (line);
  new RoomList({ current, sessions, directory, connection }).connect();
  const reading = /** @type {any} */ ({
    to: (/** @type {number} */ seq) => led.push(`${current.session.key} ${seq}`),
    back: () => led.push(`back in ${current.session.key}`),
    toEnd: () => led.push(`end of ${current.session.key}`),
  });
  new Navigation({ sessions, current, reading, focusBack: () => {} }).connect();
});

/** @param {string} key */
function roomLink(key) {
  return /** @type {HTMLAnchorElement} */ (document.querySelector(`a[data-room="${key}"]`));
}

/** The list is drawn with the next frame. */
const drawn = () => new Promise((resolve) => requestAnimationFrame(() => resolve(undefined)));

/** @param {string} key */
const dot = (key) => roomLink(key).querySelector(".unread-dot:not([hidden])");

test("a link to a room shows it, and the address follows", () => {
  roomLink("garden").click();

  assert.equal(current.session.key, "garden");
  assert.equal(location.pathname, "/rooms/garden/");
  assert.equal(roomLink("garden").ariaCurrent, "page");
  assert.equal(roomLink("lobby").ariaCurrent, null);
  assert.deepEqual(led, ["back in garden"]);
});

test("a link to a message of another room leads to the message", () => {
  document
    .querySelector("a#link")
    ?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));

  assert.equal(location.pathname, "/rooms/garden/17/");
  assert.deepEqual(led, ["garden 17"]);
});

test("other links, and those that are to open elsewhere, are the browser's", () => {
  const click = (/** @type {string} */ selector, /** @type {MouseEventInit} */ how = {}) => {
    const event = new MouseEvent("click", { bubbles: true, cancelable: true, ...how });
    const isOurs = { value: false };
    document.addEventListener(
      "click",
      ({ defaultPrevented }) => (isOurs.value = defaultPrevented),
      {
        once: true,
      },
    );
    document.querySelector(selector)?.dispatchEvent(event);
    event.preventDefault();
    return isOurs.value;
  };

  assert.equal(click("#elsewhere"), false);
  assert.equal(click("#link", { ctrlKey: true }), false);
  assert.equal(click("#link", { button: 1 }), false);
  assert.equal(current.session.key, "lobby");
  assert.equal(click("#link"), true);
});

test("the room that is on the screen already leads to its end", () => {
  roomLink("lobby").click();

  assert.deepEqual(led, ["end of lobby"]);
});

test("Alt with an arrow leads to the next room, round the ends of the list", () => {
  press("Alt+ArrowDown");
  assert.equal(current.session.key, "garden");
  press("Alt+ArrowDown");
  assert.equal(current.session.key, "lobby");
  press("Alt+ArrowUp");
  assert.equal(current.session.key, "garden");
});

test("with Shift it leads to unread rooms only", async () => {
  press("Alt+Shift+ArrowDown");
  assert.equal(current.session.key, "lobby");
  line.say({ type: "room.updated", room: "garden", read: 1, unread: 2 });
  await drawn();

  press("Alt+Shift+ArrowDown");

  assert.equal(current.session.key, "garden");
});

test("what is unread is counted, in the badge and in words", async () => {
  line.say({ type: "room.activity", room: "garden", head: 9, unread: 3 });
  await drawn();
  assert.equal(dot("garden")?.querySelector(".unread-count")?.textContent, "3");
  assert.equal(dot("garden")?.querySelector(".visually-hidden")?.textContent, ", 3 new messages");
  assert.equal(document.querySelector("#sides-news")?.hasAttribute("hidden"), false);

  line.say({ type: "room.activity", room: "garden", head: 200, unread: 100, mentions: 1 });
  await drawn();
  assert.ok(dot("garden")?.classList.contains("has-mentions"));
  assert.equal(dot("garden")?.querySelector(".visually-hidden")?.textContent, ", 1 mention");

  line.say({ type: "room.updated", room: "garden", unread: 0, mentions: 0 });
  await drawn();
  assert.equal(dot("garden"), null);
});

test("the list follows the server's: new rooms, other names, direct messages, none that are gone", async () => {
  const lobby = roomLink("lobby");
  const rooms = [
    { room: "lobby", name: "Hall", kind: "public", head: 0 },
    { room: "attic", name: "Attic", kind: "private", head: 0 },
    { room: "d-1", name: "Ben", kind: "direct", head: 0 },
  ];
  line.say({ type: "rooms.state", rooms });
  await drawn();

  const names = [...document.querySelectorAll("a[data-room] bdi")].map((bdi) => bdi.textContent);
  assert.deepEqual(names, ["Attic", "Hall", "Ben"]);
  assert.equal(roomLink("lobby"), lobby);
  assert.equal(roomLink("attic").querySelector("svg.room-mark")?.tagName.toLowerCase(), "svg");
  const direct = /** @type {HTMLElement} */ (document.querySelector(".direct-messages"));
  assert.equal(direct.hidden, false);
  assert.ok(direct.contains(roomLink("d-1")));
});
