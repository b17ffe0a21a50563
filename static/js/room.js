import { CompletionList } from "./elements/completion-list.js";
import { ConnectionBanner } from "./elements/connection-banner.js";
import { ConnectionInspector } from "./elements/connection-inspector.js";
import { EmojiPicker } from "./elements/emoji-picker.js";
import { MessageComposer } from "./elements/message-composer.js";
import { MessageList } from "./elements/message-list.js";
import { MessageMenu } from "./elements/message-menu.js";
import { MessageTrace } from "./elements/message-trace.js";
import { PopupMenu } from "./elements/popup-menu.js";
import { RoomNotice } from "./elements/room-notice.js";
import { RoomRoster } from "./elements/room-roster.js";
import { find } from "./helpers/dom.js";
import { openStorage } from "./helpers/storage.js";
import { ConnectionStatus } from "./shell/connection-status.js";
import { Diagnostics } from "./shell/diagnostics.js";
import { Invitations } from "./shell/invitations.js";
import { Keyboard } from "./shell/keyboard.js";
import { Menus } from "./shell/menus.js";
import { MessageActions } from "./shell/message-actions.js";
import { Moderation } from "./shell/moderation.js";
import { Navigation } from "./shell/navigation.js";
import { OpenRoom } from "./shell/open-room.js";
import { Presence } from "./shell/presence.js";
import { ReadState } from "./shell/read-state.js";
import { RoomRules } from "./shell/room-rules.js";
import { Sending } from "./shell/sending.js";
import { SidePanel } from "./shell/side-panel.js";
import { UnreadRooms } from "./shell/unread-rooms.js";
import { Visiting } from "./shell/visiting.js";

/** @import { MemberRef } from "./protocol.js" */
/** @import { Boot } from "./shell/open-room.js" */

/*
 * Where the page is put together. `models/` thinks, `realtime/` talks, `elements/` shows, and a file
 * of `room/` joins some of each about one subject. To add something that a member can see or do:
 *
 *  1. its element in elements/, which knows only what it shows and tells what was wanted of it
 *     (`tell`), defined here;
 *  2. its subject in room/: a class made with the OpenRoom (shell/open-room.js), from which it gets
 *     the connection, the requests, the timeline, who I am …; `follow()` listens. Listed in `enter`.
 *
 * A new entry of the message menu is an Action (shell/message-actions.js): `room.actions.push({ … })`.
 */

customElements.define("connection-banner", ConnectionBanner);
customElements.define("connection-inspector", ConnectionInspector);
customElements.define("emoji-picker", EmojiPicker);
// Before the composer, which contains it.
customElements.define("completion-list", CompletionList);
customElements.define("message-composer", MessageComposer);
customElements.define("message-trace", MessageTrace);
customElements.define("message-list", MessageList);
customElements.define("message-menu", MessageMenu);
customElements.define("popup-menu", PopupMenu);
customElements.define("room-notice", RoomNotice);
customElements.define("room-roster", RoomRoster);

/**
 * @param {Boot} boot
 * @param {MemberRef} me
 */
function enter(boot, me) {
  const room = new OpenRoom(boot, me);
  const navigation = new Navigation(room);
  const subjects = [
    new Sending(room),
    new ReadState(room),
    new MessageActions(room),
    new Moderation(room),
    new RoomRules(room),
    new Presence(room),
    new UnreadRooms(room),
    new Invitations(room),
    new Keyboard(room),
    new ConnectionStatus(room),
    new Diagnostics(room),
    navigation,
  ];
  room.show();
  for (const subject of subjects) {
    subject.connect();
  }
  room.connection.open();
  navigation.begin();
}

/**
 * After a form that was refused the page stands at the form's address: links would lead nowhere
 * from there, and it cannot be reloaded.
 *
 * @param {Boot} boot
 */
function standInRoom({ room }) {
  const address = `/rooms/${room}/`;
  const { pathname } = location;
  if (!pathname.startsWith(address) || !/^(\d+\/)?$/.test(pathname.slice(address.length))) {
    history.replaceState(null, "", address);
  }
}

/** @type {Boot} */
const boot = JSON.parse(find(document, "#boot", HTMLScriptElement).textContent ?? "");
standInRoom(boot);
new SidePanel({ storage: openStorage() }).connect();
if (boot.me) {
  enter(boot, boot.me);
} else {
  new Visiting(boot).begin();
}
// Last: a dialog that opens with the page has the focus.
new Menus().connect();
// For static/js/startup.js, which waits for it.
document.dispatchEvent(new Event("started"));
