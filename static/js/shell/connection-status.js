import { ConnectionBanner } from "../elements/connection-banner.js";
import { find, on } from "../helpers/dom.js";
import { gettext } from "../helpers/i18n.js";
import { openTabStorage } from "../helpers/storage.js";
import { CloseCode } from "../protocol.js";

/** @import { Connection, ConnectionState } from "../realtime/connection.js" */
/** @import { Notices } from "../helpers/notices.js" */
/** @import { CurrentRoom } from "./current-room.js" */
/** @import { RoomSessions } from "./room-sessions.js" */

/** Longer than a probe waits for its answer. Milliseconds. */
const PROBE_INTERVAL = 4_000;
/** A page that was reloaded because its session ended is not reloaded again for this long. ms */
const RELOAD_PAUSE = 60_000;

/** @type {Record<ConnectionState["phase"], string>} */
const LABELS = {
  connecting: gettext("Connecting"),
  open: gettext("Catching up"),
  waiting: gettext("Offline"),
  ended: gettext("Disconnected"),
};

/** How the connection is, said and shown; and what the page itself knows about the network. */
export class ConnectionStatus {
  #parts;
  #banner = find(document, "connection-banner", ConnectionBanner);
  /** @type {ConnectionState["phase"] | null} */
  #saidPhase = null;

  /**
   * @param {{
   *   connection: Connection, current: CurrentRoom, sessions: RoomSessions, notices: Notices,
   *   hasAccount: boolean,
   * }} parts
   */
  constructor(parts) {
    this.#parts = parts;
  }

  connect() {
    const { connection, current, sessions, notices } = this.#parts;
    on(connection, "state", () => {
      this.#show();
      this.#mindTheEnd();
    });
    sessions.follow(({ outbox }) => on(outbox, "change", () => this.#show()));
    current.follow(({ feed }, signal) => {
      on(feed, "live", () => this.#show(), signal);
      on(feed, "behind", () => this.#show(), signal);
      const refuse = (/** @type {Error} */ { message }) => {
        notices.announce(message);
        this.#show();
      };
      on(feed, "refused", refuse, signal);
      this.#show();
    });
    // The browser knows it before the connection does.
    for (const name of ["offline", "online"]) {
      addEventListener(name, () => this.#show());
    }
    on(this.#banner, "retry-wanted", () => connection.hurry());
    followNetwork(connection);
  }

  #show() {
    const { connection, sessions, current } = this.#parts;
    const unsent = sessions.all.flatMap(({ outbox }) =>
      outbox.entries.filter(({ state }) => state === "waiting"),
    );
    this.#banner.show(connection.state, unsent.length);
    // In a room that is not there for me nothing is behind.
    const isLive = current.session.feed.isLive || (connection.isOpen && current.session.isMissing);
    showConnectionState(connection, { isLive });
    this.#sayPhase(connection.state.phase);
  }

  /** @param {ConnectionState["phase"]} phase */
  #sayPhase(phase) {
    const { notices } = this.#parts;
    if (phase === "waiting" && this.#saidPhase === "open") {
      notices.announce(gettext("The connection is lost. What you write is kept."));
      this.#saidPhase = phase;
    } else if (phase === "open" && this.#saidPhase !== "open") {
      if (this.#saidPhase !== null) {
        notices.announce(gettext("Connected again."));
      }
      this.#saidPhase = phase;
    }
  }

  /** Signed out: the page of the server asks for a name. Out of date: it brings the new page. */
  #mindTheEnd() {
    const { phase, code } = this.#parts.connection.state;
    // A dialog that must be read loads the page itself once it is closed, and so does who signs out here.
    if (document.querySelector(":is(#keep-name, #set-password)[open], [data-leaving]")) {
      return;
    }
    if (phase === "ended" && code === CloseCode.SIGN_IN && this.#parts.hasAccount) {
      location.assign(`/sign-in/?ended&next=${encodeURIComponent(location.pathname)}`);
      return;
    }
    if (phase === "ended" && (code === CloseCode.SIGN_IN || code === CloseCode.TOO_OLD)) {
      const storage = openTabStorage();
      const last = Number(storage.getItem("reloaded") ?? 0);
      if (Date.now() - last > RELOAD_PAUSE) {
        storage.setItem("reloaded", String(Date.now()));
        // A browser that cannot remember this would go round in circles.
        if (openTabStorage().getItem("reloaded") !== null) {
          location.reload();
        }
      }
    }
  }
}

/**
 * The word and the dot at the top of the page.
 *
 * @param {{ state: ConnectionState }} connection
 * @param {{ isLive: boolean }} feed
 */
function showConnectionState({ state }, { isLive }) {
  const button = find(document, "#connection-state", HTMLButtonElement);
  const label = find(button, ".connection-label", HTMLElement);
  button.hidden = false;
  if (state.phase === "open" && !navigator.onLine) {
    button.dataset.phase = "offline";
    label.textContent = LABELS.waiting;
  } else {
    button.dataset.phase = isLive ? "live" : state.phase;
    label.textContent = stateLabel(isLive, state);
  }
}

/**
 * @param {boolean} isLive
 * @param {ConnectionState} state
 */
export function stateLabel(isLive, { phase }) {
  return isLive ? gettext("Live") : LABELS[phase];
}

/**
 * What the browser knows of the network and the tab is a reason to look after the connection.
 *
 * @param {Connection} connection
 */
function followNetwork(connection) {
  // Offline, says the browser; an answer may still be on its way. Asked until it is clear.
  const probe = () => {
    if (connection.isOpen && !navigator.onLine) {
      connection.check();
      setTimeout(probe, PROBE_INTERVAL);
    }
  };
  addEventListener("offline", probe);
  addEventListener("online", () => connection.check());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") {
      connection.check();
    }
  });
}
