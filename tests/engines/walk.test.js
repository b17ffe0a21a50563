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
const isLive = `document.querySelector("#connection-state")?.dataset.phase === "live"`;

/** @param {Tab} tab @param {string} text */
async function say(tab, text) {
  await tab.type("#composer-body", text);
  await tab.press("Enter");
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
