/*
 * The page of the lab: joins the server's feed, the elements and their acts. Paths to the product's
 * own helpers hold in the checkout; a browser cuts them off at the root, where /static/js is too.
 */
import { find, on } from "../../../../static/js/helpers/dom.js";
import { LabApi } from "./api.js";
import { LabDesk } from "./elements/lab-desk.js";
import { LabGuide } from "./elements/lab-guide.js";
import { LabList } from "./elements/lab-list.js";
import { LabLoad } from "./elements/lab-load.js";
import { LabMeter } from "./elements/lab-meter.js";
import { LabSwitches } from "./elements/lab-switches.js";
import { LabTimeline } from "./elements/lab-timeline.js";
import { LabTopology } from "./elements/lab-topology.js";
import { LabTrace } from "./elements/lab-trace.js";
import { Feed } from "./feed.js";
import { Labs } from "./labs.js";
import { Rooms } from "./rooms.js";
import { Tabs } from "./tabs.js";

const ELEMENTS = {
  "lab-desk": LabDesk,
  "lab-guide": LabGuide,
  "lab-list": LabList,
  "lab-load": LabLoad,
  "lab-meter": LabMeter,
  "lab-switches": LabSwitches,
  "lab-timeline": LabTimeline,
  "lab-topology": LabTopology,
  "lab-trace": LabTrace,
};

for (const [tag, type] of Object.entries(ELEMENTS)) {
  customElements.define(tag, type);
}

const page = document.body;
const api = new LabApi(page.dataset.token ?? "");
const feed = new Feed();
const topology = find(page, "lab-topology", LabTopology);
const timeline = find(page, "lab-timeline", LabTimeline);
const desk = find(page, "lab-desk", LabDesk);
const switches = find(page, "lab-switches", LabSwitches);
const meter = find(page, "lab-meter", LabMeter);
const load = find(page, "lab-load", LabLoad);
const trace = find(page, "lab-trace", LabTrace);
const note = find(page, "#note", HTMLElement);
const rooms = new Rooms(page, api);
const labs = new Labs(page, api, topology);
new Tabs(page).connect();

timeline.feed = feed;
on(feed, "state", (state) => {
  topology.state = state;
  desk.state = state;
  switches.switches = state.switches;
  meter.meter = state.meter;
  load.load = state.load;
  rooms.show(state.room);
});
on(feed, "events", (events) => topology.run(events));
on(feed, "lost", () => {
  page.classList.add("is-lost");
  say("The lab does not answer. Is make lab still running?", true);
});
on(feed, "found", found);

on(page, "lab-target", (name) => {
  topology.target = name;
  desk.target = name;
});
on(page, "lab-step", () => timeline.resume());
on(page, "lab-fault", ({ name, target }) => act("/api/fault", { name, target }));
on(page, "lab-heal", () => act("/api/heal", {}));
on(page, "lab-switch", ({ name, on }) => act("/api/switch", { name, on }));
on(page, "lab-load", (wanted) => act("/api/load", wanted));
on(page, "lab-trace", async ({ room, seq }) => {
  try {
    trace.show(await api.get(`/api/trace/${room}/${seq}`));
  } catch (error) {
    say(String(/** @type {Error} */ (error).message), true);
  }
});

/** The lab answers again. If it was started anew, so is this page: nothing of before holds. */
async function found() {
  try {
    const { started } = await api.get("/api/labs");
    if (started !== page.dataset.started) {
      location.reload();
      return;
    }
    page.classList.remove("is-lost");
    say("");
  } catch {
    // It is lost again, and that is told.
  }
}

/**
 * @param {string} path
 * @param {object} body
 */
async function act(path, body) {
  try {
    await api.post(path, body);
    say("");
  } catch (error) {
    say(String(/** @type {Error} */ (error).message), true);
  }
}

/**
 * @param {string} text
 * @param {boolean} isTrouble
 */
function say(text, isTrouble = false) {
  note.textContent = text;
  note.classList.toggle("is-trouble", isTrouble && text !== "");
}

desk.faults = JSON.parse(find(page, "#faults", HTMLScriptElement).textContent || "[]");
topology.target = desk.target;
rooms.connect();
await labs.connect();
feed.connect(new EventSource("/api/stream"));
document.documentElement.classList.add("started");
