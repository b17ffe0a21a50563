import { readFileSync } from "node:fs";

/*
 * The templates of the page as markup for tests on Node: what Django fills in is left out, so that a
 * test has the very elements that the page has.
 */
const templates = new URL("../../templates/chat/", import.meta.url);

/**
 * @param {string} name
 * @returns {string} the template with what it includes, without a message or a reaction
 */
function markupOf(name) {
  return readFileSync(new URL(name, templates), "utf8")
    .replace(/\{#.*?#\}/gs, "")
    .replace(/\{% for .*? %\}.*?\{% endfor %\}/gs, "")
    .replace(/\{% include "chat\/(\S+)".*? %\}/g, (_, included) => markupOf(included))
    .replace(
      /\{% if (?:message|message\.deleted|not message\.edited_at.*?) %\}.*?\{% endif %\}/gs,
      "",
    )
    .replace(/\{% translate ["'](.*?)["'] %\}/g, "$1")
    .replace(/\{%.*?%\}|\{\{.*?\}\}/gs, "");
}

/** @returns {{ all: string, editor: string }} what JavaScript copies: all of it, and the editor alone */
export function timelineParts() {
  const all = markupOf("_timeline_parts.html");
  const editor = /<message-editor[\s\S]*<\/message-editor>/.exec(all)?.[0] ?? "";
  return { all, editor };
}
