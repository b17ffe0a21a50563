import { make } from "../helpers/dom.js";
import { gettext, interpolate } from "../helpers/i18n.js";

const SVG = "http://www.w3.org/2000/svg";
/** Of the sparkline, in its own units. */
const WIDTH = 120;
const HEIGHT = 24;

/** What goes on under the bonnet, for whoever asks: node, round trip, last number, repairs. */
export class ConnectionInspector extends HTMLElement {
  /**
   * @param {[string, string][]} facts
   * @param {number[]} roundTrips milliseconds, the newest last
   */
  show(facts, roundTrips) {
    this.replaceChildren(
      make("h2", {}, gettext("Connection")),
      ...sparkline(roundTrips),
      make(
        "dl",
        {},
        ...facts.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]),
      ),
      make(
        "p",
        { className: "inspector-hint" },
        gettext("How a message came is under its ⋯, Details."),
      ),
    );
  }
}

/** @param {number[]} values */
function sparkline(values) {
  if (values.length < 2) {
    return [];
  }
  const most = Math.max(...values);
  const least = Math.min(...values);
  const points = values.map((value, index) => {
    const x = (index / (values.length - 1)) * WIDTH;
    return `${x.toFixed(1)},${(HEIGHT - 2 - (value / most) * (HEIGHT - 4)).toFixed(1)}`;
  });
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("class", "inspector-sparkline");
  drawing.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  drawing.setAttribute("preserveAspectRatio", "none");
  drawing.setAttribute("role", "img");
  const label = interpolate(gettext("The last {count} round trips: {least} to {most} ms"), {
    count: values.length,
    least: least.toFixed(1),
    most: most.toFixed(1),
  });
  drawing.setAttribute("aria-label", label);
  const line = document.createElementNS(SVG, "polyline");
  line.setAttribute("points", points.join(" "));
  drawing.append(line);
  return [drawing];
}
