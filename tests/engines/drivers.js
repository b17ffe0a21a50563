import puppeteer from "puppeteer-core";
import { Builder, By, Key } from "selenium-webdriver";

/** @typedef {"Enter" | "Escape" | "ArrowUp" | "ArrowDown"} NamedKey */

/**
 * @typedef {{
 *   go: (address: string) => Promise<void>,
 *   run: (script: string) => Promise<any>,
 *   click: (selector: string) => Promise<void>,
 *   type: (selector: string, text: string) => Promise<void>,
 *   press: (key: NamedKey) => Promise<void>,
 *   pressWithControl: (letter: "k") => Promise<void>,
 *   typeHere: (text: string) => Promise<void>,
 *   back: () => Promise<void>,
 *   close: () => Promise<void>,
 * }} Tab One browser of its own, with one page. `run`: the value of an expression.
 */

const webkitDrivers = (process.env.WEBKIT_DRIVERS ?? "").split(" ");

/** @returns {Promise<Tab>} Firefox, over WebDriver BiDi */
export async function firefox(/** @type {string} */ binary) {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: binary,
    headless: true,
  });
  const page = await browser.newPage();
  await page.setViewport({ width: 1280, height: 800 });
  return {
    go: async (address) => void (await page.goto(address)),
    run: (script) => page.evaluate(script),
    click: (selector) => page.click(selector),
    type: async (selector, text) => {
      await page.focus(selector);
      await page.keyboard.type(text);
    },
    press: (key) => page.keyboard.press(key),
    pressWithControl: async (letter) => {
      await page.keyboard.down("Control");
      await page.keyboard.press(letter);
      await page.keyboard.up("Control");
    },
    typeHere: (text) => page.keyboard.type(text),
    back: async () => void (await page.evaluate("history.back()")),
    close: () => browser.close(),
  };
}

/** @returns {Promise<Tab>} WebKitGTK's MiniBrowser, over WebDriver */
export async function webkit(/** @type {string} */ binary) {
  const driver = await new Builder()
    .usingServer(String(webkitDrivers.shift()))
    .withCapabilities({
      browserName: "MiniBrowser",
      "webkitgtk:browserOptions": { binary, args: ["--automation"] },
    })
    .build();
  const element = (/** @type {string} */ selector) => driver.findElement(By.css(selector));
  const keys = {
    Enter: Key.ENTER,
    Escape: Key.ESCAPE,
    ArrowUp: Key.ARROW_UP,
    ArrowDown: Key.ARROW_DOWN,
  };
  const active = () => driver.switchTo().activeElement();
  return {
    go: (address) => driver.get(address),
    run: (script) => driver.executeScript(`return (${script})`),
    click: async (selector) => (await element(selector)).click(),
    type: async (selector, text) => (await element(selector)).sendKeys(text),
    press: async (key) => (await active()).sendKeys(keys[key]),
    pressWithControl: async (letter) => (await active()).sendKeys(Key.chord(Key.CONTROL, letter)),
    typeHere: async (text) => (await active()).sendKeys(text),
    back: async () => void (await driver.executeScript("history.back()")),
    close: () => driver.quit(),
  };
}
