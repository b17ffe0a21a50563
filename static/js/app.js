import { CompletionList } from "./elements/completion-list.js";
import { ConnectionBanner } from "./elements/connection-banner.js";
import { ConnectionInspector } from "./elements/connection-inspector.js";
import { EmojiPicker } from "./elements/emoji-picker.js";
import { InboxList } from "./elements/inbox-list.js";
import { MessageComposer } from "./elements/message-composer.js";
import { MessageEditor } from "./elements/message-editor.js";
import { MessageList } from "./elements/message-list.js";
import { MessageMenu } from "./elements/message-menu.js";
import { MessageTrace } from "./elements/message-trace.js";
import { NewcomerList } from "./elements/newcomer-list.js";
import { PeoplePanel } from "./elements/people-panel.js";
import { PictureCropper } from "./elements/picture-cropper.js";
import { PopupMenu } from "./elements/popup-menu.js";
import { ProfileCard } from "./elements/profile-card.js";
import { QuickSwitcher } from "./elements/quick-switcher.js";
import { ReportList } from "./elements/report-list.js";
import { RoomNotice } from "./elements/room-notice.js";
import { find } from "./helpers/dom.js";
import { stayAboveKeyboard } from "./helpers/soft-keyboard.js";
import { Shell } from "./shell/shell.js";

/** @import { Boot } from "./shell/shell.js" */

/*
 * Where the page begins. `models/` holds state, `realtime/` talks, `elements/` shows, and a file of
 * `shell/` joins some of each about one subject. To add something that a member can see or do:
 *
 *  1. its element in elements/, which shows what it is given and emits what was wanted of it; defined
 *     here;
 *  2. its part in shell/: a class made with exactly what it needs; `connect()` listens. What belongs to the
 *     room on the screen is bound by `current.follow`, what belongs to every room that is held by
 *     `sessions.follow`. Listed in shell/shell.js.
 *
 * A new entry of the message menu is an Action (shell/message-actions.js), pushed to `actions`.
 */

customElements.define("connection-banner", ConnectionBanner);
customElements.define("connection-inspector", ConnectionInspector);
customElements.define("emoji-picker", EmojiPicker);
customElements.define("picture-cropper", PictureCropper);
// Before the composer, which contains it.
customElements.define("completion-list", CompletionList);
customElements.define("message-composer", MessageComposer);
customElements.define("inbox-list", InboxList);
customElements.define("message-editor", MessageEditor);
customElements.define("message-trace", MessageTrace);
customElements.define("message-list", MessageList);
customElements.define("message-menu", MessageMenu);
customElements.define("popup-menu", PopupMenu);
customElements.define("people-panel", PeoplePanel);
customElements.define("profile-card", ProfileCard);
customElements.define("newcomer-list", NewcomerList);
customElements.define("report-list", ReportList);
customElements.define("quick-switcher", QuickSwitcher);
customElements.define("room-notice", RoomNotice);

/** @type {Boot} */
const boot = JSON.parse(find(document, "#boot", HTMLScriptElement).textContent ?? "");
new Shell(boot).start();
stayAboveKeyboard();
// For static/js/startup.js, which waits for it.
document.dispatchEvent(new Event("started"));
