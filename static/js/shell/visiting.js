import { ConnectionBanner } from "../elements/connection-banner.js";
import { ConnectionInspector } from "../elements/connection-inspector.js";
import { MessageList } from "../elements/message-list.js";
import { find, on } from "../helpers/dom.js";
import { Notices } from "../helpers/notices.js";
import { Connection } from "../realtime/connection.js";
import { Feed } from "../realtime/feed.js";
import { History } from "../realtime/history.js";
import { Requests } from "../realtime/requests.js";
import { followNetwork, showConnectionState } from "./connection-status.js";
import { copyInvitation } from "./invitations.js";
import { socketAddress, timelineOf } from "./open-room.js";

/** @import { Boot } from "./open-room.js" */

/** A room as someone without a name has it: live, with all of its past, and nothing to write. */
export class Visiting {
  #boot;
  #list = find(document, "message-list", MessageList);
  #jump = find(document, ".jump", HTMLButtonElement);
  #banner = find(document, "connection-banner", ConnectionBanner);
  #notices = new Notices(document);

  /** @param {Boot} boot */
  constructor(boot) {
    this.#boot = boot;
    this.timeline = timelineOf(boot, this.#list.readMessages());
    this.connection = new Connection(socketAddress("?visitor=1"));
    const requests = new Requests(this.connection);
    const parts = { requests, room: boot.room, timeline: this.timeline };
    this.feed = new Feed({ ...parts, line: this.connection });
    this.history = new History({ ...parts, feed: this.feed });
  }

  begin() {
    this.#list.show({ timeline: this.timeline });
    this.#read();
    this.#mindTheConnection();
    copyInvitation(this.#notices);
    this.connection.open();
    this.#toLink();
  }

  #read() {
    const list = this.#list;
    on(list, "history-wanted", async () => {
      await this.history.older();
      list.historyLoaded();
    });
    on(list, "newer-wanted", async () => {
      await this.history.newer();
      list.newerLoaded();
    });
    on(list, "end-wanted", async ({ atHand }) => {
      if (atHand) {
        this.history.stay();
      } else if (await this.history.end()) {
        list.toEnd();
      }
    });
    on(list, "end-changed", ({ atEnd, below }) => {
      this.#jump.hidden = atEnd;
      find(this.#jump, "span", HTMLElement).textContent =
        below > 0 ? `Jump to newest (${below.toLocaleString()})` : "Jump to newest";
    });
    this.#jump.addEventListener("click", () => list.toEnd());
    addEventListener("hashchange", () => this.#toLink());
  }

  /** To the message that the address names: of a quote, or the one that was opened. */
  async #toLink() {
    const linked = Number(/^#m(\d+)$/.exec(location.hash)?.[1] ?? this.#boot.focus ?? 0);
    if (linked && (await this.history.around(linked))) {
      this.#list.toMessage(linked);
    }
  }

  #mindTheConnection() {
    const { connection, feed } = this;
    const show = () => {
      this.#banner.show(connection.state, 0);
      showConnectionState(connection, feed);
    };
    on(connection, "state", show);
    on(feed, "live", show);
    on(feed, "behind", show);
    on(feed, "refused", ({ message }) => this.#notices.toast(message));
    on(this.#banner, "retry-wanted", () => connection.hurry());
    followNetwork(connection);
    const inspector = find(document, "connection-inspector", ConnectionInspector);
    inspector.addEventListener("toggle", () => {
      inspector.show(
        [
          ["State", feed.isLive ? "live" : connection.state.phase],
          ["Node", connection.hello?.node ?? "–"],
          ["Last number", this.timeline.position.seq.toLocaleString()],
        ],
        [],
      );
    });
  }
}
