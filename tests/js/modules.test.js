import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";

const js = new URL("../../static/js/", import.meta.url);

/** @type {(path: string) => string} */
const source = (path) => readFileSync(new URL(path, js), "utf8");
const modules = readdirSync(js, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".js"))
  .map((path) => path.replaceAll("\\", "/"));

/** @param {string} path */
function importsOf(path) {
  return [...source(path).matchAll(/^(?:import|\} from|export .* from) .*?"(\.[^"]+)";$/gm)].map(
    ([, target = ""]) => posix.join(posix.dirname(path), target),
  );
}

/** @param {string} path */
function reach(path, reached = new Set()) {
  for (const target of importsOf(path)) {
    if (!reached.has(target)) {
      reached.add(target);
      reach(target, reached);
    }
  }
  return reached;
}

test("every module is used, and none needs itself", () => {
  const used = reach("app.js")
    .add("app.js")
    .add("theme.js")
    .add("startup.js")
    .add("dashboard.js")
    .add("sign-in.js");

  assert.deepEqual(modules.sort(), [...used].sort());
  assert.deepEqual(
    modules.filter((path) => reach(path).has(path)),
    [],
  );
});

test("what thinks touches no page and no network; what shows reads no frame", () => {
  for (const path of modules.filter((name) => name.startsWith("models/"))) {
    assert.doesNotMatch(source(path), /\b(document|window|WebSocket|localStorage)\b/, path);
  }
  for (const path of modules.filter((name) => name.startsWith("elements/"))) {
    assert.doesNotMatch(source(path), /JSON\.parse|WebSocket\b/, path);
    assert.ok(
      importsOf(path).every((target) => !target.startsWith("realtime/")),
      path,
    );
  }
});

test("markup is never made from text", () => {
  for (const path of modules) {
    assert.doesNotMatch(
      source(path),
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write/,
      path,
    );
  }
});
