import assert from "node:assert/strict";
import { test } from "node:test";
import { show } from "#dom";

show(`<script type="application/json" id="catalogue"></script>`).textContent = JSON.stringify({
  Send: "Envoyer",
  "{count} day": ["{count} jour", "{count} jours"],
});
// Not before: it reads the catalogue of the page as soon as it is loaded.
const { gettext, interpolate, ngettext } = await import("../../static/js/helpers/i18n.js");

test("a text comes from the catalogue of the page, or as it stands", () => {
  assert.equal(gettext("Send"), "Envoyer");
  assert.equal(gettext("Cancel"), "Cancel");
});

test("what is counted has the form for its number", () => {
  assert.equal(ngettext("{count} day", "{count} days", 1), "1 jour");
  assert.equal(ngettext("{count} day", "{count} days", 2), "2 jours");
  assert.equal(ngettext("{count} hour", "{count} hours", 0), "0 hours");
});

test("values stand where they are named, and what is not named stays", () => {
  assert.equal(interpolate("{one} of {other}", { one: 1 }), "1 of {other}");
});
