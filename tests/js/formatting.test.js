import assert from "node:assert/strict";
import { test } from "node:test";
import { formatted } from "../../static/js/models/formatting.js";

/** @import { Format } from "../../static/js/models/formatting.js" */

/**
 * @param {Format} format
 * @param {string} text with ‹ › around what is selected, or | for the caret
 * @returns {string} the same of the outcome
 */
function outcome(format, text) {
  const plain = text.replaceAll(/[‹›|]/g, "");
  const start = text.search(/[‹|]/);
  const end = text.includes("›") ? text.indexOf("›") - 1 : start;
  const made = formatted(format, plain, start, end);
  const all = plain.slice(0, made.from) + made.text + plain.slice(made.to);
  const selected = all.slice(made.start, made.end);
  const shown = made.start === made.end ? "|" : `‹${selected}›`;
  return all.slice(0, made.start) + shown + all.slice(made.end);
}

test("a selection gets its marks, and loses them when asked again", () => {
  assert.equal(outcome("bold", "a ‹word› here"), "a **‹word›** here");
  assert.equal(outcome("bold", "a **‹word›** here"), "a ‹word› here");
  assert.equal(outcome("italic", "‹word›"), "*‹word›*");
  assert.equal(outcome("code", "run ‹make›"), "run `‹make›`");
});

test("bold is not taken for italic, and one can be both", () => {
  assert.equal(outcome("italic", "**‹word›**"), "***‹word›***");
  assert.equal(outcome("bold", "***‹word›***"), "*‹word›*");
  assert.equal(outcome("italic", "***‹word›***"), "**‹word›**");
});

test("spaces at the ends of a selection stay outside of its marks", () => {
  assert.equal(outcome("bold", "a‹ word ›here"), "a **‹word›** here");
});

test("with nothing selected the caret stands between the marks, and they go as they came", () => {
  assert.equal(outcome("bold", "so |"), "so **|**");
  assert.equal(outcome("bold", "so **|**"), "so |");
});

test("code of several lines stands between fences on lines of their own", () => {
  assert.equal(outcome("code", "see ‹a\nb› there"), "see \n```\n‹a\nb›\n```\n there");
});

test("a link asks for what is missing: the address of words, the words of an address", () => {
  assert.equal(outcome("link", "read ‹this›"), "read [this](|)");
  assert.equal(outcome("link", "‹https://example.org/a›"), "[|](https://example.org/a)");
  assert.equal(outcome("link", "|"), "[|]()");
});
