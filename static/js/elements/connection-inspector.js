import { make } from "../helpers/dom.js";

/** What goes on under the bonnet, for whoever asks: node, round trip, last number, repairs. */
export class ConnectionInspector extends HTMLElement {
  /** @param {[string, string][]} facts */
  show(facts) {
    this.replaceChildren(
      make("h2", {}, "Connection"),
      make(
        "dl",
        {},
        ...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]),
      ),
    );
  }
}
