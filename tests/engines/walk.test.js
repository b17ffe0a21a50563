import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { firefox, webkit } from "./drivers.js";
import { NetworkLine } from "./network-line.js";

/** @import { Tab } from "./drivers.js" */

/*
 * Two people walk through the room in an engine that is not Chromium: tests/engines/__main__.py
 * starts a node and this file, once for each engine that the machine has.
 */

const { ENGINE = "", BINARY = "", NODE_PORT = "", PROXY_PORT = "" } = process.env;
const ORIGIN = `http://127.0.0.1:${PROXY_PORT}`;
const open = ENGINE === "firefox" ? firefox : webkit;
/** milliseconds */
const PATIENCE = 20_000;
const POLL = 50;

/** @type {NetworkLine} */ let line;
/** @type {Tab} */ let ada;
/** @type {Tab} */ let ben;

/**
 * @param {Tab} tab
 * @param {string} expression that comes true
 */
async function until(tab, expression) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    if (await tab.run(`Boolean(${expression})`)) {
      return;
    }
    assert.ok(Date.now() < end, `${expression} did not come true`);
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
}

/** @param {string} text */
const shows = (text) =>
  `[...document.querySelectorAll(".message-body")].some(body => body.innerText.trim() === ${JSON.stringify(text)})`;
const title = "document.querySelector('h1').textContent.trim()";
/** @param {string} selector */
const isVisible = (selector) => `document.querySelector("${selector}")?.checkVisibility()`;
const isLive = `document.querySelector("#connection-state")?.dataset.phase === "live"`;

/** @param {Tab} tab @param {string} text */
async function say(tab, text) {
  await tab.type("#composer-body", text);
  await tab.press("Enter");
}

/** By keyboard alone. @param {Tab} tab @param {string} text of a message among the newest */
async function goTo(tab, text) {
  await until(tab, shows(text));
  await tab.run("document.querySelector('message-list').focus()");
  for (let steps = 0; steps < 10; steps++) {
    await tab.press("ArrowUp");
    if (await tab.run(`document.activeElement.textContent.includes(${JSON.stringify(text)})`)) {
      return;
    }
  }
  assert.fail(`The arrow does not lead to ${text}`);
}

before(async () => {
  line = new NetworkLine(Number(NODE_PORT));
  await line.listen(Number(PROXY_PORT));
  ada = await open(BINARY);
  ben = await open(BINARY);
});

after(async () => {
  await Promise.allSettled([ada?.close(), ben?.close()]);
  line?.close();
});

test("someone joins with a name and Enter", async () => {
  for (const [tab, name] of /** @type {[Tab, string][]} */ ([
    [ada, "Ada"],
    [ben, "Ben"],
  ])) {
    await tab.go(`${ORIGIN}/rooms/lobby/`);
    await tab.type("#join-name", name);
    await tab.press("Enter");
    await until(tab, isLive);
  }
});

test("what one says, the other reads", async () => {
  await say(ada, "Hello from Ada");
  await until(ben, shows("Hello from Ada"));
  await say(ben, "Hello from Ben");
  await until(ada, shows("Hello from Ben"));
});

test("a switch of rooms loads no page, and Back leads back", async () => {
  await ada.run("void (window.samePage = true)");
  await ada.click('a[data-room="garden"]');
  await until(ada, `location.pathname === "/rooms/garden/" && ${isLive}`);
  assert.equal(await ada.run("window.samePage"), true);
  await say(ada, "In the garden");
  await until(ada, shows("In the garden"));
  await ada.back();
  await until(ada, `location.pathname === "/rooms/lobby/" && ${shows("Hello from Ben")}`);
  assert.equal(await ada.run("window.samePage"), true);
});

test("what was written while the line was cut arrives once it is back", async () => {
  line.cut();
  await until(ada, `!(${isLive})`);
  await say(ada, "Written offline");
  line.mend();
  await until(ben, shows("Written offline"));
  await until(ada, "document.querySelectorAll('.is-pending').length === 0");
});

test("the last message is edited from the keyboard", async () => {
  await ada.run("document.querySelector('#composer-body').focus()");
  await ada.press("ArrowUp");
  await until(ada, "document.activeElement.value === 'Written offline'");
  await ada.run("void document.activeElement.setSelectionRange(15, 15)");
  await ada.typeHere(", edited");
  await ada.press("Enter");
  await until(ben, shows("Written offline, edited"));
});

test("a message is answered and reacted to from its toolbar", async () => {
  await say(ben, "Where is the key?");
  await goTo(ada, "Where is the key?");
  await ada.press("Enter");
  await ada.press("Enter");
  await until(ben, "document.querySelector('.reaction')?.textContent.includes('1')");
  await ada.run(
    "document.activeElement.closest('.message').querySelector('.toolbar-reply').click()",
  );
  await until(ada, "document.activeElement.id === 'composer-body'");
  await ada.typeHere("Under the mat");
  await ada.press("Enter");
  await until(
    ben,
    "[...document.querySelectorAll('.message-quote')].some(quote => quote.textContent.includes('Where is the key?'))",
  );
});

test("names are completed, and what mentions me comes into the inbox", async () => {
  await ben.click('a[data-room="garden"]');
  await until(ben, `location.pathname === "/rooms/garden/" && ${isLive}`);
  await ada.type("#composer-body", "for @Be");
  await until(ada, "document.querySelector('[role=option]')?.textContent.includes('Ben')");
  await ada.press("Enter");
  await until(ada, "document.querySelector('#composer-body').value === 'for @Ben '");
  await ada.press("Enter");
  await until(ben, isVisible("#inbox-button .unread-count"));
  await ben.click("#inbox-button");
  await until(ben, "document.querySelector('.inbox-item')?.textContent.includes('Ada')");
  await ben.click(".inbox-item a");
  await until(ben, `location.pathname.startsWith("/rooms/lobby/") && ${shows("for @Ben")}`);
});

test("a few letters lead to another room, and a draft waits in the one before", async () => {
  await ada.type("#composer-body", "half a sentence");
  await ada.pressWithControl("k");
  await until(ada, "document.activeElement.getAttribute('role') === 'combobox'");
  await ada.typeHere("garde");
  await until(
    ada,
    "document.querySelector('#places [role=option]')?.textContent.includes('Garden')",
  );
  await ada.press("Enter");
  await until(ada, `${title} === "Garden"`);
  await ada.back();
  await until(
    ada,
    `${title} === "Lobby" && document.querySelector("#composer-body").value === "half a sentence"`,
  );
  await ada.press("Enter");
  await until(ben, shows("half a sentence"));
});

test("a name opens the card of its member", async () => {
  await ada.click(".message:not(.is-mine) .message-author");
  await until(
    ada,
    `${isVisible("profile-card")} && document.querySelector("#profile-name").textContent === "Ben"`,
  );
  await ada.press("Escape");
  await until(ada, `!(${isVisible("profile-card")})`);
});

test("a theme is chosen in the account menu", async () => {
  const colour = "getComputedStyle(document.body).backgroundColor";
  const before = await ada.run(colour);
  await ada.click(".account > summary");
  await ada.run("document.querySelector('[name=theme][value=dark]').click()");
  await until(ada, `${colour} !== ${JSON.stringify(before)}`);
  await ada.press("Escape");
  await until(ada, `!(${isVisible(".account-menu")})`);
});

test("a room is made and is on the screen", async () => {
  await ada.click("#new-room-button");
  await until(ada, isVisible("#new-room"));
  await ada.type("#new-room [name=name]", "Greenhouse");
  await ada.press("Enter");
  await until(ada, `${title} === "Greenhouse" && ${isLive}`);
  await say(ada, "Warm in here");
  await until(ada, shows("Warm in here"));
  await ada.click('a[data-room="lobby"]');
  await until(ada, `${title} === "Lobby"`);
});

test("a message is deleted after a question", async () => {
  await say(ada, "Not for here");
  await goTo(ada, "Not for here");
  await until(ada, "document.activeElement.matches('.message:not(.is-pending)')");
  await ada.run("document.activeElement.querySelector('.message-actions').click()");
  await until(ada, isVisible("message-menu"));
  await ada.run(
    "[...document.querySelectorAll('message-menu [role=menuitem]')].find(one => one.textContent.includes('Delete')).click()",
  );
  await until(ada, isVisible("#confirm-delete"));
  await ada.click("#confirm-delete [value=delete]");
  await until(ben, shows("Message deleted"));
});

test("who leaves reads on as a visitor, live", async () => {
  await ben.click(".account > summary");
  await ben.click("[data-dialog=leave]");
  await until(ben, isVisible("#leave"));
  await ben.click("#leave .is-danger");
  await until(ben, isVisible("#join-name"));
  await ben.go(`${ORIGIN}/rooms/lobby/`);
  await until(ben, isLive);
  await say(ada, "For those who read along");
  await until(ben, shows("For those who read along"));
});
