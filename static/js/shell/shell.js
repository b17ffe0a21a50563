import { MessageComposer } from "../elements/message-composer.js";
import { MessageList } from "../elements/message-list.js";
import { find, on } from "../helpers/dom.js";
import { newClientId } from "../helpers/ids.js";
import { Notices } from "../helpers/notices.js";
import { BrowserStorage, openStorage, openTabStorage } from "../helpers/storage.js";
import { Tabs } from "../helpers/tabs.js";
import { preciseNow, preciseTime } from "../helpers/time.js";
import { Clock } from "../models/clock.js";
import { Faces } from "../models/faces.js";
import { toldOf } from "../models/permissions.js";
import { RoomDirectory } from "../models/room-directory.js";
import { RoomSession } from "../models/room-session.js";
import { Traces } from "../models/trace.js";
import { UnreadRooms } from "../models/unread-rooms.js";
import { Event as ServerEvent } from "../protocol.js";
import { Connection } from "../realtime/connection.js";
import { Requests } from "../realtime/requests.js";
import { ConnectionStatus } from "./connection-status.js";
import { CurrentRoom } from "./current-room.js";
import { Diagnostics } from "./diagnostics.js";
import { Header } from "./header.js";
import { Invitations } from "./invitations.js";
import { MemberFaces } from "./member-faces.js";
import { memberParts } from "./member-parts.js";
import { Menus } from "./menus.js";
import { MissingRoom } from "./missing-room.js";
import { Navigation } from "./navigation.js";
import { QuickSwitch } from "./quick-switch.js";
import { Reading } from "./reading.js";
import { RoomList, writtenRooms } from "./room-list.js";
import { RoomSessions } from "./room-sessions.js";
import { SidePanel } from "./side-panel.js";
import { SiteHere } from "./site-here.js";
import { WhoReacted } from "./who-reacted.js";

/** @import { MemberRef, SiteTerms } from "../protocol.js" */
/** @import { PermissionState } from "../models/permissions.js" */
/** @import { StepsDone } from "./first-steps.js" */
/** @import { Action } from "./message-actions.js" */

/**
 * @typedef {{
 *   room: string, name: string, me: MemberRef | null, epoch: string, to: number,
 *   to_id: string | null, more: boolean, read: number | null, limits: { body: number },
 *   focus?: number | null, newer?: boolean, rooms: Record<string, number>, topic?: string, kind?: string,
 *   no_rooms?: string, has_account?: boolean, first_steps?: StepsDone | null,
 *   said: Record<string, number>, permissions?: PermissionState, site?: SiteTerms, rules_to_accept?: number,
 * }} Boot What the page says about itself and the room that the server wrote into it. `focus`: the message
 *   that its address names; `newer`: the room goes on after the messages of the page; `rooms`: how far each
 *   listed room was read, and `said`: up to where something was said in it;
 *   `no_rooms`: why I may not make rooms, without a role; `first_steps`: for the site's owner.
 *
 * @typedef {{
 *   current: CurrentRoom, sessions: RoomSessions, directory: RoomDirectory, connection: Connection,
 *   requests: Requests, list: MessageList, notices: Notices, storage: BrowserStorage,
 *   tabStorage: BrowserStorage, clock: Clock, traces: Traces, header: Header, actions: Action[],
 *   panel: SidePanel, unreadRooms: UnreadRooms, faces: Faces,
 *   focusBack: () => void,
 * }} Shared What the parts are made of; each names what it takes. `focusBack`: to where a member writes
 */

/**
 * The page: one connection, the rooms that are held, the one on the screen, and the parts that join elements,
 * models and connection about one subject each. Visitors have the same page without what writes.
 */
export class Shell {
  #boot;
  #connection;
  #requests;
  /** My role and mute as they were told last: rooms that are opened later begin with them. */
  /** @type {PermissionState} */
  #mine;
  #tabs = new Tabs();
  #faces = new Faces();
  #tabStorage = openTabStorage();
  #storage;
  #list = find(document, "message-list", MessageList);
  /** @type {MessageComposer | null} visitors have none */
  #composer = document.querySelector("message-composer");
  #notices = new Notices(document);
  #navigation;
  #parts;

  /** @param {Boot} boot */
  constructor(boot) {
    this.#boot = boot;
    this.#mine = boot.permissions ?? {};
    this.#storage = boot.me ? openStorage() : new BrowserStorage(() => null);
    this.#connection = new Connection(socketAddress(boot.me ? "" : "?visitor=1"));
    this.#requests = new Requests(this.#connection);

    const directory = new RoomDirectory(listedRooms(boot));
    const sessions = new RoomSessions((key) => this.#newSession(key, directory), this.#connection);
    const first = this.#firstSession();
    sessions.add(first);

    const { now = "" } = find(document, "main[data-now]", HTMLElement).dataset;
    const current = new CurrentRoom(first);
    this.#route(sessions, current);
    /** @type {Shared} */
    const shared = {
      current,
      sessions,
      directory,
      connection: this.#connection,
      requests: this.#requests,
      list: this.#list,
      notices: this.#notices,
      storage: this.#storage,
      tabStorage: this.#tabStorage,
      faces: this.#faces,
      clock: new Clock(preciseTime(now) - preciseNow()),
      traces: new Traces(),
      header: new Header({ current, directory, list: this.#list }),
      panel: new SidePanel({ storage: openStorage() }),
      unreadRooms: new UnreadRooms({ directory, sessions }),
      focusBack: () => this.#composer?.focus(),
      actions: [],
    };
    const reading = new Reading(shared);
    this.#navigation = new Navigation({ ...shared, reading });
    // Members' parts say first what can be done with a message: the list is drawn with it.
    this.#parts = [
      shared.header,
      ...memberParts({ ...shared, navigation: this.#navigation, boot, composer: this.#composer }),
      // Before the list is drawn: its links are those of the room's address.
      this.#navigation,
      reading,
      new MemberFaces({ ...shared, me: boot.me }),
      new SiteHere(shared),
      new WhoReacted({ ...shared, me: boot.me }),
      new MissingRoom(shared),
      new RoomList(shared),
      new Invitations(shared),
      new ConnectionStatus({ ...shared, hasAccount: this.#boot.has_account ?? false }),
      new Diagnostics({ ...shared, me: boot.me }),
      shared.panel,
      new QuickSwitch({ ...shared, navigation: this.#navigation }),
      // Last: a dialog that opens with the page has the focus.
      new Menus(),
    ];
  }

  start() {
    for (const part of this.#parts) {
      part.connect();
    }
    this.#connection.open();
    this.#navigation.begin(this.#boot.focus);
  }

  /** The room that the server wrote into the page. */
  #firstSession() {
    const { room, name, topic, kind, read, permissions, ...page } = this.#boot;
    const messages = this.#list.readMessages();
    const info = { key: room, name, topic, kind, read };
    return new RoomSession(info, this.#sessionParts, { page: { ...page, messages }, permissions });
  }

  /**
   * @param {string} key
   * @param {RoomDirectory} directory
   */
  #newSession(key, directory) {
    const { topic, kind, read = null } = directory.get(key) ?? {};
    const name = directory.nameOf(key);
    const permissions = { ...this.#mine, locked: false, slow_s: 0 };
    const start = { permissions, isFollowing: false };
    return new RoomSession({ key, name, topic, kind, read }, this.#sessionParts, start);
  }

  get #sessionParts() {
    return {
      line: this.#connection,
      requests: this.#requests,
      me: this.#boot.me,
      storage: this.#storage,
      tabStorage: this.#tabStorage,
      tabs: this.#tabs,
      faces: this.#faces,
      newId: newClientId,
    };
  }

  /**
   * What comes over the one connection, to the rooms that it concerns.
   *
   * @param {RoomSessions} sessions
   * @param {CurrentRoom} current
   */
  #route(sessions, current) {
    on(this.#connection, "frame", (frame) => {
      this.#mine = toldOf(this.#mine, frame);
      sessions.receive(frame);
      const session = sessions.get(frame.room);
      // Of a room that is not there for me any more nothing is kept; on the screen it says so first.
      if (session && frame.type === ServerEvent.ROOM_REMOVED && session !== current.session) {
        sessions.drop(session);
      }
    });
  }
}

/** @param {Boot} boot */
function listedRooms({ rooms, said }) {
  return writtenRooms().map(({ key, ...written }) => ({
    key,
    ...written,
    read: rooms[key] ?? null,
    said: said[key] ?? 0,
  }));
}

/** @param {string} query */
function socketAddress(query) {
  const address = new URL(`/ws/${query}`, location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return address.href;
}
