import { ConnectionBanner } from "./elements/connection-banner.js";
import { ConnectionInspector } from "./elements/connection-inspector.js";
import { EmojiPicker } from "./elements/emoji-picker.js";
import { MessageComposer } from "./elements/message-composer.js";
import { MessageJourney } from "./elements/message-journey.js";
import { MessageList } from "./elements/message-list.js";
import { MessageMenu } from "./elements/message-menu.js";
import { NameCompletion } from "./elements/name-completion.js";
import { RoomNotice } from "./elements/room-notice.js";
import { RoomRoster } from "./elements/room-roster.js";
import { find } from "./helpers/dom.js";
import { Acting } from "./room/acting.js";
import { Connecting } from "./room/connecting.js";
import { Elsewhere } from "./room/elsewhere.js";
import { Going } from "./room/going.js";
import { Inspecting } from "./room/inspecting.js";
import { Inviting } from "./room/inviting.js";
import { Keyboard } from "./room/keyboard.js";
import { Moderating } from "./room/moderating.js";
import { Obeying } from "./room/obeying.js";
import { OpenRoom } from "./room/open-room.js";
import { People } from "./room/people.js";
import { Reading } from "./room/reading.js";
import { Visiting } from "./room/visiting.js";
import { Writing } from "./room/writing.js";

/** @import { MemberRef } from "./protocol.js" */
/** @import { Boot } from "./room/open-room.js" */

/*
 * Where the page is put together. `models/` thinks, `realtime/` talks, `elements/` shows, and a file
 * of `room/` joins some of each about one subject. To add something that a member can see or do:
 *
 *  1. its element in elements/, which knows only what it shows and tells what was wanted of it
 *     (`tell`); defined here, preloaded in templates/chat/_room_scripts.html;
 *  2. its subject in room/: a class made with the OpenRoom (room/open-room.js), from which it gets
 *     the connection, the requests, the timeline, who I am …; `follow()` listens. Listed in `enter`.
 *
 * A new entry of the message menu is an Action (room/acting.js): `room.actions.push({ … })`.
 */

customElements.define("connection-banner", ConnectionBanner);
customElements.define("connection-inspector", ConnectionInspector);
customElements.define("emoji-picker", EmojiPicker);
// Before the composer, which contains it.
customElements.define("name-completion", NameCompletion);
customElements.define("message-composer", MessageComposer);
customElements.define("message-journey", MessageJourney);
customElements.define("message-list", MessageList);
customElements.define("message-menu", MessageMenu);
customElements.define("room-notice", RoomNotice);
customElements.define("room-roster", RoomRoster);

/**
 * @param {Boot} boot
 * @param {MemberRef} me
 */
function enter(boot, me) {
  const room = new OpenRoom(boot, me);
  const going = new Going(room);
  const subjects = [
    new Writing(room),
    new Reading(room),
    new Acting(room),
    new Moderating(room),
    new Obeying(room),
    new People(room),
    new Elsewhere(room),
    new Inviting(room),
    new Keyboard(room),
    new Connecting(room),
    new Inspecting(room),
    going,
  ];
  room.show();
  for (const subject of subjects) {
    subject.follow();
  }
  room.connection.open();
  going.begin();
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
if (boot.me) {
  enter(boot, boot.me);
} else {
  new Visiting(boot).begin();
}
// For static/js/startup.js, which waits for it.
document.dispatchEvent(new Event("started"));
